"""A brand's customers and what they bought. Does not know tickets."""
