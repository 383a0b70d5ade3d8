"""A program that calls the API, as others build one."""


class Caller:
    """A program that calls the API with one key."""

    def __init__(self, app, key):
        self._app = app
        self._headers = {"Authorization": f"Bearer {key}"}

    def try_to(self, method, path, **options):
        answer = self._app.test_client().open(
            f"/api/v1{path}", method=method, headers=self._headers, **options
        )
        return answer.status_code, answer.get_json()

    def ask(self, method, path, *, expects=200, **options):
        status, body = self.try_to(method, path, **options)
        assert status == expects, (method, path, status, body)
        return body

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, body=None, *, expects=200):
        return self.ask("POST", path, json=body or {}, expects=expects)
