"""How the simulated WeChat says no: HTTP 200 with an error code, as the real one does."""

import secrets


class Refusal(Exception):
    """An error code with WeChat's kind of message."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg

    def body(self) -> dict[str, int | str]:
        """Return the JSON body, with a request id of the kind that WeChat's support asks for."""
        return {"errcode": self.errcode, "errmsg": f"{self.errmsg} rid: {secrets.token_hex(4)}-{secrets.token_hex(4)}"}


class Unknown(Exception):
    """The control interface was asked about something that does not exist, or told something impossible."""

    def __init__(self, message: str, status: int = 404) -> None:
        super().__init__(message)
        self.status = status
