"""The processes of the program, one command each."""

import os
import sys
from pathlib import Path

import click

from gigcx.cli.program import make_app, settings_or_exit


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="PORT", default=5000, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes.")
@click.option("--threads", default=16, show_default=True, help="Threads of each process.")
def web(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the API and the consoles."""
    settings_or_exit()
    os.execv(  # noqa: S606 - gunicorn becomes this process
        sys.executable,
        [
            sys.executable,
            "-m",
            "gunicorn",
            "gigcx.cli.serving:app",
            f"--bind={host}:{port}",
            f"--workers={workers}",
            f"--threads={threads}",
            "--worker-class=gthread",
            "--no-control-socket",
            "--graceful-timeout=10",
            "--access-logfile=-",
            "--access-logformat=%(m)s %(U)s %(s)s %(M)sms",
        ],
    )


@click.command()
@click.option("--burst", is_flag=True, help="End when the queue is empty.")
def worker(*, burst: bool) -> None:
    """Run jobs."""
    from gigcx.jobs import worker as process  # noqa: PLC0415 - loads every feature

    process.run(make_app(), settings_or_exit().redis_url, burst=burst)


@click.command()
def relay() -> None:
    """Push what is due to the workers."""
    from gigcx.jobs.relay import Relay  # noqa: PLC0415

    Relay(make_app(), settings_or_exit().redis_url).run()


@click.command()
def scheduler() -> None:
    """Order what runs by the clock."""
    from gigcx.jobs import scheduler as process  # noqa: PLC0415

    process.run(make_app())


@click.command()
@click.option("--port", required=True, type=int)
@click.option("--file", required=True, type=click.Path(path_type=Path))
@click.option("--api-key", envvar="STRIPE_API_KEY", required=True)
@click.option("--webhook-url", required=True)
@click.option("--webhook-secret", envvar="STRIPE_WEBHOOK_SECRETS", required=True)
@click.option(
    "--description",
    type=click.Path(exists=True, path_type=Path),
    help="Stripe's API as OpenAPI, against which each request is held.",
)
def stripe(
    port: int,
    file: Path,
    api_key: str,
    webhook_url: str,
    webhook_secret: str,
    description: Path | None,
) -> None:
    """Stand in for Stripe."""
    from gigcx.sandbox.stripe.server import serve  # noqa: PLC0415

    serve(
        host="127.0.0.1",
        port=port,
        file=file,
        api_key=api_key,
        webhook_url=webhook_url,
        webhook_secret=webhook_secret,
        description=description,
    )


@click.command()
@click.option("--smtp-port", required=True, type=int)
@click.option("--port", required=True, type=int, help="Of the page that shows the mails.")
@click.option("--file", required=True, type=click.Path(path_type=Path))
@click.option("--webhook-url", required=True, help="Where mails to the program are brought.")
@click.option("--secret", envvar="INBOUND_MAIL_SECRET", required=True)
def mailbox(smtp_port: int, port: int, file: Path, webhook_url: str, secret: str) -> None:
    """Stand in for everybody's mailbox."""
    from gigcx.sandbox.mailbox import serve  # noqa: PLC0415

    serve(smtp_port=smtp_port, port=port, file=file, webhook_url=webhook_url, secret=secret)
