"""Drawing views: text, HTML, pictures, workbooks, CSV and JSON. Knows blocks and nothing of mining."""
