# SPDX-License-Identifier: Apache-2.0
"""The cluster in TF_CONFIG."""

from __future__ import annotations

import json

import pytest

from fit_component import FitArgs, FitArgsError
from fit_component.objects.cluster import EXAMPLE, Cluster, spanned_cluster

ONE, TWO, THREE = "10.0.0.1:2222", "10.0.0.2:2222", "[::1]:2222"
EXPLICIT = FitArgs(strategy={"multi_worker_mirrored": {}})
AUTO = FitArgs(strategy={"auto": {}})


def environment(cluster, kind="worker", index=0, **more):
    """The variables of a process of a cluster."""
    task = {"type": kind, "index": index}
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": task, **more})}


def wrong(fit_args, variables):
    """What an error says of each problem, without the example."""
    with pytest.raises(FitArgsError) as caught:
        spanned_cluster(fit_args, variables)
    assert str(caught.value).endswith(f". Right would be: {EXAMPLE}")
    return [p.message.removesuffix(f". Right would be: {EXAMPLE}") for p in caught.value.problems]


@pytest.mark.parametrize("settings", [EXPLICIT, AUTO], ids=["explicit", "auto"])
@pytest.mark.parametrize(
    ("cluster", "task", "is_chief"),
    [
        ({"worker": [ONE, TWO, THREE]}, ("worker", 0), True),
        ({"worker": [ONE, TWO, THREE]}, ("worker", 1), False),
        ({"chief": [ONE], "worker": [TWO, THREE]}, ("chief", 0), True),
        ({"chief": [ONE], "worker": [TWO, THREE]}, ("worker", 0), False),
        ({"chief": [ONE], "worker": [TWO, THREE]}, ("worker", "1"), False),
    ],
)
def test_a_cluster_has_one_chief(settings, cluster, task, is_chief):
    """The chief, or worker 0 where none is called so; the chief is a worker too."""
    found = spanned_cluster(settings, environment(cluster, *task, environment="cloud"))
    assert (3, is_chief) == (found.size, found.is_chief)
    assert (task[0], int(task[1])) == (found.task_type, found.task_index)


@pytest.mark.parametrize("variables", [{}, {"TF_CONFIG": " "}, {"TF_CONFIG": '{"cluster": {}}'}])
@pytest.mark.parametrize("strategy", [{"auto": {}}, {"default": {}}, {"mirrored": {}}, None])
def test_without_a_cluster_training_is_on_this_machine(strategy, variables):
    """As some clouds have it, who set TF_CONFIG always."""
    assert spanned_cluster(FitArgs(strategy=strategy), variables) is None


def test_auto_needs_two_workers():
    """One that is its own cluster trains as without; asked for, the cluster is used."""
    alone = environment({"chief": [ONE]}, "chief")
    assert spanned_cluster(AUTO, alone) is None
    assert Cluster({"chief": (ONE,)}, "chief", 0) == spanned_cluster(EXPLICIT, alone)


def test_other_strategies_do_not_read_the_variable():
    """A module may spread its training by itself."""
    assert spanned_cluster(FitArgs(), {"TF_CONFIG": "{"}) is None


def test_a_strategy_over_workers_needs_a_cluster():
    """TensorFlow would train on this machine alone, without a word."""
    assert ["TF_CONFIG is not set"] == wrong(EXPLICIT, {})
    assert ['TF_CONFIG names no cluster: {"task": {}}'] == wrong(
        EXPLICIT, {"TF_CONFIG": '{"task": {}}'}
    )


@pytest.mark.parametrize("settings", [EXPLICIT, AUTO], ids=["explicit", "auto"])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{'cluster': 1}", r"TF_CONFIG is no JSON \(.*line 1 column 2.*\): {'cluster': 1}"),
        ("[1]", r"TF_CONFIG must be a JSON object: \[1\]"),
        ('"' + "x" * 300, r"TF_CONFIG is no JSON \(.*\): \"x{199}\.\.\."),
        ('{"cluster": ["a:1"], "task": {}}', r'has the cluster \["a:1"\], which must be an object'),
    ],
)
def test_what_cannot_be_read_is_shown(settings, text, message):
    """With the place in it."""
    with pytest.raises(FitArgsError, match=message):
        spanned_cluster(settings, {"TF_CONFIG": text})


@pytest.mark.parametrize(
    ("cluster", "task", "message"),
    [
        (
            {"worker": [ONE, "10.0.0.2"]},
            ("worker", 0),
            'has "10.0.0.2" as cluster.worker[1]; write host and port, as "10.0.0.1:2222"',
        ),
        (
            {"worker": ["http://10.0.0.1:2222", ONE]},
            ("worker", 0),
            'has "http://10.0.0.1:2222" as cluster.worker[0]; write host and port, as '
            '"10.0.0.1:2222"',
        ),
        (
            {"worker": [ONE, "host:66000"]},
            ("worker", 0),
            'has "host:66000" as cluster.worker[1]; write host and port, as "10.0.0.1:2222"',
        ),
        (
            {"worker": [ONE, ""]},
            ("worker", 0),
            'has "" as cluster.worker[1]; write host and port, as "10.0.0.1:2222"',
        ),
        (
            {"worker": [ONE, TWO, ONE]},
            ("worker", 0),
            f'has the address "{ONE}" twice; each worker has its own',
        ),
        (
            {"chief": [ONE], "worker": [ONE]},
            ("worker", 0),
            f'has the address "{ONE}" twice; each worker has its own',
        ),
        (
            {"chief": [ONE, TWO]},
            ("chief", 0),
            "has 2 addresses as cluster.chief; one is the chief, the others are workers",
        ),
        (
            {"chief": [ONE], "worker": []},
            ("chief", 0),
            "has [] as cluster.worker, which must be a list of addresses",
        ),
        (
            {"chief": [ONE], "worker": TWO},
            ("chief", 0),
            f'has "{TWO}" as cluster.worker, which must be a list of addresses',
        ),
        (
            {"worker": [ONE, TWO], "ps": [THREE]},
            ("worker", 0),
            'has "ps" in its cluster: parameter servers have no part in it; leave them out',
        ),
        (
            {"worker": [ONE, TWO], "evaluator": [THREE]},
            ("worker", 0),
            'has "evaluator" in its cluster: an evaluator has no part in it, the workers '
            "evaluate; leave it out",
        ),
        (
            {"worker": [ONE, TWO], "boss": [THREE]},
            ("worker", 0),
            'has "boss" in its cluster: the types are chief and worker',
        ),
        (
            {"worker": [ONE, TWO]},
            ("evaluator", 0),
            'has the task.type "evaluator"; its cluster has worker',
        ),
        (
            {"worker": [ONE, TWO]},
            ("chief", 0),
            'has the task.type "chief"; its cluster has worker',
        ),
        (
            {"chief": [ONE], "worker": [TWO]},
            (["chief"], 0),
            'has the task.type ["chief"]; its cluster has chief and worker',
        ),
        (
            {"worker": [ONE, TWO]},
            ("worker", 2),
            "has the task.index 2; cluster.worker has 2, from 0",
        ),
        (
            {"worker": [ONE, TWO]},
            ("worker", -1),
            "has the task.index -1, which must be a whole number from 0",
        ),
        (
            {"worker": [ONE, TWO]},
            ("worker", True),
            "has the task.index true, which must be a whole number from 0",
        ),
        (
            {"worker": [ONE, TWO]},
            ("worker", None),
            "has the task.index null, which must be a whole number from 0",
        ),
    ],
)
def test_what_is_wrong_in_a_cluster_is_told(cluster, task, message):
    """What is there, and what it should be: TensorFlow would wait for ever."""
    assert [f"TF_CONFIG {message}"] == wrong(EXPLICIT, environment(cluster, *task))


@pytest.mark.parametrize("task", [None, {}, {"type": "worker"}, {"index": 0}, "worker 0"])
def test_a_process_must_know_which_worker_it_is(task):
    """TensorFlow would tell so, or take 0 for the index."""
    text = json.dumps({"cluster": {"worker": [ONE, TWO]}, "task": task})
    message = f"TF_CONFIG has the task {json.dumps(task)}; "
    assert [f"{message}it must have the type and the index of this process"] == wrong(
        EXPLICIT, {"TF_CONFIG": text}
    )


def test_all_that_is_wrong_is_told_at_once():
    """Each under the path of the setting that needs the cluster."""
    variables = environment({"master": [ONE], "worker": ["a", "b:0"]}, "worker", 5)
    assert [
        'TF_CONFIG has "master" in its cluster: TensorFlow 2 calls it chief',
        'TF_CONFIG has "a" as cluster.worker[0]; write host and port, as "10.0.0.1:2222"',
        'TF_CONFIG has "b:0" as cluster.worker[1]; write host and port, as "10.0.0.1:2222"',
        "TF_CONFIG has the task.index 5; cluster.worker has 2, from 0",
    ] == wrong(AUTO, variables)
    with pytest.raises(FitArgsError) as caught:
        spanned_cluster(AUTO, variables)
    assert {"strategy.auto"} == {problem.path for problem in caught.value.problems}


def test_the_example_is_right():
    """What errors show can be set."""
    text = EXAMPLE.removeprefix("TF_CONFIG='").removesuffix("'")
    assert Cluster({"worker": (ONE, TWO)}, "worker", 0) == spanned_cluster(
        EXPLICIT, {"TF_CONFIG": text}
    )
