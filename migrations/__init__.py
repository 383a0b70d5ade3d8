"""The database's history: one numbered file for each thing that became true."""
