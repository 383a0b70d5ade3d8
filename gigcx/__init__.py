"""GigCX: a brand's own customers answer other customers' tickets and are paid per resolution."""
