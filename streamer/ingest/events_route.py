"""`POST /v1/events`: touchpoints in, acknowledged once Kafka has them all."""

from streamer.errors import RequestError
from streamer.ingest.access import authorise
from streamer.ingest.bodies import Budget, body_of, drain
from streamer.ingest.content import check_encoding, content_of
from streamer.ingest.intake import Intake
from streamer.ingest.metrics import GatewayMetrics
from streamer.ingest.problems import MethodNotAllowed, Receive, Scope, Send, answer
from streamer.ingest.reading import Fragment, read_events
from streamer.settings import Settings


class EventsRoute:
    """The route, as a bare ASGI function: it is as hot as the webhooks."""

    def __init__(
        self, settings: Settings, intake: Intake, budget: Budget, metrics: GatewayMetrics
    ) -> None:
        self._settings = settings
        self._intake = intake
        self._budget = budget
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; raises what the application turns into a problem."""
        try:
            self._admit(scope)
        except RequestError:
            await drain(receive)
            raise
        fragments = await self._read(scope, receive)
        await self._intake.take(fragments)
        accepted = sum(fragment.events for fragment in fragments)
        self._metrics.posted(accepted)
        await answer(send, 202, b'{"accepted":%d}' % accepted)

    def _admit(self, scope: Scope) -> None:
        if scope["method"] != "POST":
            raise MethodNotAllowed("POST")
        authorise(scope, self._settings)
        check_encoding(scope)

    async def _read(self, scope: Scope, receive: Receive) -> list[Fragment]:
        limit = self._settings.max_request_bytes
        async with body_of(scope, receive, limit, self._budget) as body:
            content = content_of(scope, body)
            return read_events(content.body, content.shape, self._settings.max_event_bytes)
