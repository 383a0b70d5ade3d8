"""The import contracts name every folder, so that none grows outside of them."""

import tomllib

from gigcx.cli.rulebook import PROJECT

FEATURE_FILES = ("models", "rules", "service", "queries")
CONTRACTS = {
    contract["name"]: contract
    for contract in tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}


def contract_features() -> set[str]:
    contract = CONTRACTS["Features know nothing of HTTP, queues or third parties"]
    return {name.removeprefix("*.") for name in contract["source_modules"]}


def layered() -> list[str]:
    layers = CONTRACTS["One way down"]["layers"]
    return [name.strip(" ()") for layer in layers for name in layer.split("|")]


class TestContracts:
    def test_each_module_has_its_layer(self):
        modules = {
            path.stem
            for path in (PROJECT / "gigcx").iterdir()
            if path.suffix == ".py" or (path / "__init__.py").exists()
        }

        assert modules - {"__init__"} - set(layered()) == set()

    def test_no_module_has_two_layers(self):
        assert len(layered()) == len(set(layered()))

    def test_each_feature_is_kept_from_http_queues_and_third_parties(self):
        features = {
            folder.name
            for folder in (PROJECT / "gigcx").iterdir()
            if any((folder / file).exists() for n in FEATURE_FILES for file in (f"{n}.py", n))
        }

        assert features - contract_features() == set()

    def test_the_features_are_the_layers_between_edges_and_kernel(self):
        layers = layered()
        between = layers[layers.index("gateways") + 1 : layers.index("inbox")]

        assert contract_features() == set(between)
