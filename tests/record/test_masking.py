# SPDX-License-Identifier: Apache-2.0
"""Settings as reports have them: without the values of credentials."""

import pytest

from fit_component.record import flat_settings, hiding, settings_files
from fit_component.record.masking import masked_settings
from fit_component.settings import Brought, parse_fit_args, resolve

SECRETS = ["hunter2-a", "hunter2-b", "hunter2-c", "hunter2-d", "Bearer hunter2-e"]
TREE = {
    "class_weight": {0: 0.5},
    "callbacks": [
        {
            "custom": {
                "class_path": "a.B",
                "kwargs": {
                    "api_key": "hunter2-a",
                    "token": 123456789,
                    "secret": None,
                    "credentials": {"user": "hunter2-b", "all": ["hunter2-c"]},
                    "inner": [{"db_password": "hunter2-d", "user": "me"}],
                    "max_tokens": 5,
                },
            }
        },
        {"remote_monitor": {"headers": {"Authorization": "Bearer hunter2-e", "Accept": "a/b"}}},
    ],
}
SETTINGS = parse_fit_args(TREE)


def test_what_is_masked_is_settings():
    """A credential is a text then, whatever it was; all else is as it was."""
    custom, monitor = TREE["callbacks"]
    kwargs = {
        **dict.fromkeys(["api_key", "token", "secret", "credentials"], "***"),
        "inner": [{"db_password": "***", "user": "me"}],
        "max_tokens": 5,
    }
    headers = {"Authorization": "***", "Accept": "a/b"}
    expected = {
        **TREE,
        "callbacks": [
            {"custom": {**custom["custom"], "kwargs": kwargs}},
            {"remote_monitor": {**monitor["remote_monitor"], "headers": headers}},
        ],
    }
    assert parse_fit_args(expected) == masked_settings(SETTINGS)
    assert parse_fit_args(TREE) == SETTINGS  # it was not changed


def test_the_files_of_a_run_have_no_credentials():
    """They load as settings all the same."""
    path = "callbacks[0].custom.kwargs.api_key"
    brought = {"train_args": {path: Brought("key", "hunter2-a")}}
    for content in settings_files(SETTINGS, resolve(SETTINGS), brought).values():
        assert "hunter2" not in content
        assert "123456789" not in content
        assert f"# train_args.{path} = '***', from RuntimeParameter 'key'" in content
        assert parse_fit_args(content, format="textproto").callbacks[0].custom.class_path == "a.B"


def test_flat_settings_have_none():
    """From which summary.json, HPARAMS and the properties of the Model artifact are made."""
    assert "hunter2" not in str(flat_settings(resolve(SETTINGS)))


@pytest.mark.parametrize("secret", SECRETS)
def test_an_error_has_none(secret):
    """Of another's code, which may say what it was given."""
    assert "401: '***' is wrong" == hiding(SETTINGS)(f"401: '{secret}' is wrong")


def test_an_error_of_settings_without_credentials():
    """It stays as it is."""
    assert "401" == hiding(parse_fit_args({"epochs": 3}))("401")
