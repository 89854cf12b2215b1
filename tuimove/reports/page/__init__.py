"""A report's HTML page: its verdict, its charts and their colours, drawn as SVG."""
