def handle(req: str) -> str:
    """Answer a request.

    req is the request body. Print nothing here: what is printed becomes part of the response.
    """
    return req
