"""The outputs that people look at: the report page with its charts, and the extracts for Tableau.

Reads the schemas marts, trends, ecosystem and reporting, and writes files. Every definition is in
SQL, in ``models/``: here figures are picked, drawn and put into words.
"""
