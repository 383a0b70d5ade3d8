"""Jobs of matching: models are learnt from what was answered."""

from gigcx.db import commit
from gigcx.identity import queries as identity
from gigcx.matching import queries, service


def refit_topics(**_later_arguments: object) -> None:
    """Learn each brand's topics anew; a model takes over only if it is not worse."""
    for brand_id in identity.list_brand_ids():
        examples = queries.list_examples(brand_id)
        fitted = service.fit_model(examples)
        if fitted is not None:
            latest = examples[round(len(examples) * (1 - service.HELD_OUT)) :]
            commit(service.promote_model, brand_id=brand_id, fitted=fitted, latest=latest)
