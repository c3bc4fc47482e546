"""The same answers for MCP clients (Model Context Protocol): three read-only tools over the answer service.

``server`` builds the MCP server, ``results`` is what its tools return, ``tokens`` says who may connect over HTTP.
The MCP library is an extra (``spend[mcp]``) and takes half a second to import, so nothing else imports this package.
"""
