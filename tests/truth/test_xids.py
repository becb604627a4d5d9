from __future__ import annotations

import pytest

from bot.catalogue import load
from bot.catalogue.tsv import Row
from bot.catalogue.vendor_tables import TABLES, made
from bot.domain.diagnosis import diagnose
from bot.domain.workload.pod_evidence import CauseOwner, Diagnosis, Evidence
from tests.truth import FOLDER, truth

XIDS = truth("xid.tsv")
NVLINK5 = truth("xid_nvlink5_decode.tsv")
SXIDS = truth("sxid.tsv")
NOTHING_TO_DO = "none, it may be ignored"
SAID = {
    "RESET_GPU": "reset the GPU",
    "IGNORE": NOTHING_TO_DO,
    "XID_154_EVAL": "do what Xid 154 in the same log says",
    "RESTART_APP": "start the program again",
    "RESTART_BM": "restart the machine",
    "RESTART_VM": "restart the virtual machine",
    "CONTACT_SUPPORT": "hand it to the vendor's support",
    "UPDATE_SWFW": "update driver and firmware",
    "CHECK_MECHANICALS": "power connectors",
    "CHECK_UVM": "unified memory",
    "WORKFLOW_XID_45": "follow the other Xid",
    "WORKFLOW_XID_48": "reset the GPU; with Xid 63 or 64",
    "WORKFLOW_NVLINK_ERR": "decode the line's registers",
    "WORKFLOW_NVLINK5_ERR": "as the sub-code and the error status say",
    "XID_154": "do what Xid 154",
    "": "none given in the catalogue yet",
}


def of(line: str) -> Diagnosis:
    return diagnose(Evidence(logs=line), load())


def test_the_tables_are_made_from_the_sheets() -> None:
    assert {name: (TABLES / name).read_text(encoding="utf-8") for name, _ in made(FOLDER)} == dict(made(FOLDER))


@pytest.mark.parametrize("row", XIDS, ids=lambda row: row["xid"])
def test_every_xid_is_answered_with_nvidias_action(row: Row) -> None:
    known = of(f"[12.3] NVRM: Xid (PCI:0000:3b:00): {row['xid']}, pid=4711, name=python, Ch 00000008")
    assert known.signature == f"gpu-xid-{row['xid']}"
    assert f"(Xid {row['xid']}" in known.title
    assert SAID[row["immediate_action"]] in known.explanation
    assert known.owner is not CauseOwner.UNKNOWN


@pytest.mark.parametrize(
    "row", [row for row in XIDS if row["user_fault_per_device_plugin"]], ids=lambda row: row["xid"]
)
def test_an_application_fault_is_the_users(row: Row) -> None:
    assert of(f"NVRM: Xid (PCI:0000:3b:00): {row['xid']}, pid=1").owner is CauseOwner.USER


@pytest.mark.parametrize(
    "row", [row for row in XIDS if row["immediate_action"] == "IGNORE"], ids=lambda row: row["xid"]
)
def test_an_xid_that_may_be_ignored_explains_nothing_else(row: Row) -> None:
    line = f"NVRM: Xid (PCI:0000:3b:00): {row['xid']}, pid=1"
    assert of(f"{line}\ntorch.OutOfMemoryError: CUDA out of memory. Tried").signature == "cuda-out-of-memory"


@pytest.mark.parametrize(
    "line",
    [
        "NVRM: Xid (PCI:0000:3b:00): {}, pid='<unknown>', name=<unknown>, GPU has ...",
        "NVRM: Xid (0000:03:00): {}, Channel 00000001",
        "NVRM: Xid (PCI:0000:05:00 GPU-I:05): {}, pid=7194, Contained",
        "kernel: NVRM: Xid (PCI:0002:00:00): {}, pid=1582259",
        "[Mon Nov 23 12:00:00 2026] NVRM: Xid (PCI:0000:89:00): {}, 0003 00000000 0000b197 00001614 00000000",
        "NVRM: Xid ({}): a line without its place",
        "AcceleratedHardwareReady: NvidiaXID{}Error: a message",
        "NvidiaXID{}Warning: a message",
        'XidCriticalError: {{"{}":true}}: 3c9f',
        'XidCriticalError: {{"{}":true,"999":true}}: 3c9f',
        "XIDError: Caught XID error, XID={}",
        "check_xid: Xid errors found: {}",
        "check_xid: Xid errors found: 999, {}",
        "XidCriticalError: Xid={} on Device=GPU-1b2c, the device will go unhealthy.",
        "gpu.nvidia.com/xid={}:NoSchedule",
        "SysLogsXIDError: SysLogsXIDErrorIsNotHealthy: ErrorCode:{} PCI:0000:3b:00 Recommended Action=RESTART_BM;",
        'DCGM_FI_DEV_XID_ERRORS{{gpu="3",UUID="GPU-1",pod="p"}} {}',
        'msg="XID {} detected on GPU 2"',
        '"MESSAGE":"NVRM: Xid (PCI:0000:3b:00): {}, pid=1"',
    ],
)
@pytest.mark.parametrize("xid", [8, 79, 143])
def test_an_xid_is_read_in_every_spelling(line: str, xid: int) -> None:
    assert of(line.format(xid)).signature == f"gpu-xid-{xid}"


@pytest.mark.parametrize(
    "line",
    [
        "dhclient[812]: DHCPREQUEST on eth0 to 10.0.0.1 port 67 (xid=0x79)",
        "zookeeper: zxid 79",
        "FATAL: could not access status of transaction, xid 79",
        "autovacuum: oldest xid 79 of gpu_jobs",
        "xid errors: 0 on gpu 79",
        'DCGM_FI_DEV_XID_ERRORS{gpu="3"} 0',
        "taxid 79 not found",
    ],
)
def test_other_things_of_that_name_are_no_xid(line: str) -> None:
    assert not (of(line).signature or "").startswith("gpu-xid")


@pytest.mark.parametrize("number", ["177", "301", "999"])
def test_an_xid_that_is_in_no_table_is_still_an_xid(number: str) -> None:
    known = of(f"NVRM: Xid (PCI:0000:3b:00): {number}, pid=1, new")
    assert known.signature == "gpu-xid-unlisted"
    assert known.title == f"Xid {number}, not in NVIDIA's catalogue of 2025-10-29"
    assert known.owner is not CauseOwner.UNKNOWN


def _nvlink5(row: Row, masks: tuple[str, str]) -> list[str]:
    """The kernel's lines for a row, of a driver before and after R575."""
    status = row["error_status_hex"].partition("/")[0] or "0x00000000"
    word = "Nonfatal" if row["severity"].startswith("Non") else "Fatal"
    return [
        f"NVRM: Xid (PCI:0018:01:00): {row['xid']}, {name} {word} XC0 i0 Link 08 "
        f"(0x{int(row[mask].replace('-', '0'), 2):08x} {status} 0x00000000 0x00000000 0x00000000 0x00000000)"
        for mask in masks
        for name in row["subcode"].split("/")
    ]


@pytest.mark.parametrize("row", NVLINK5, ids=lambda row: f"{row['xid']}-{row['subcode']}-{row['error_status_hex']}")
def test_nvlink_5_is_told_by_sub_code_and_error_status(row: Row) -> None:
    for line in _nvlink5(row, ("intrinfo_mask_driver<R575", "intrinfo_mask_driver>=R575")):
        known = of(line)
        assert known.signature == f"gpu-xid-{row['xid']}"
        assert SAID[row["action"]] in known.explanation.partition("If it comes again")[0]
        assert known.owner is {"HW": CauseOwner.HARDWARE, "SW": CauseOwner.PLATFORM}.get(row["hw_sw"], known.owner)


@pytest.mark.parametrize("row", [row for row in NVLINK5 if row["action2"]], ids=lambda row: row["error_status_hex"])
def test_nvlink_5_has_another_action_where_the_interrupt_info_says_so(row: Row) -> None:
    for line in _nvlink5(row, ("mask2<R575", "mask2>=R575")):
        assert SAID[row["action2"]] in of(line).explanation


def test_a_fatal_link_explains_the_programs_error_and_a_corrected_bit_does_not() -> None:
    head = "NVRM: Xid (PCI:0018:01:00): 145, RLW_REMAP"
    program = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB"
    fatal, corrected = (
        of(f"{head} {words}\n{program}")
        for words in (
            "Fatal XC1 i0 Link 10 (0x00000082 0x00000040 0x00000000)",
            "Nonfatal XC1 i0 Link 10 (0x00000082 0x00000100 0x00000000)",
        )
    )
    assert (fatal.signature, corrected.signature) == ("gpu-xid-145", "cuda-out-of-memory")


@pytest.mark.parametrize(
    ("to", "title"),
    [
        ("0x2 (Node Reboot Required)", "The driver asks for a recovery of the GPU: Node Reboot Required (Xid 154)"),
        ("0x1 (GPU Reset Required)", "The driver asks for a recovery of the GPU: GPU Reset Required (Xid 154)"),
        ("0x3 (Drain P2P)", "The driver asks for a recovery of the GPU: Drain P2P (Xid 154)"),
        ("0x0 (None)", "The GPU needs no recovery (Xid 154)"),
    ],
)
def test_xid_154_says_which_recovery(to: str, title: str) -> None:
    known = of(f"NVRM: Xid (PCI:0000:01:00): 154, GPU recovery action changed from 0x4 (Drain and Reset) to {to}")
    assert (known.signature, known.title) == ("gpu-xid-154", title)
    assert (known.owner is CauseOwner.HARDWARE) == ("None" not in to)


def test_an_xid_to_ignore_is_not_what_ended_a_program_that_says_why_it_ended() -> None:
    known = of("NVRM: Xid (PCI:0000:01:00): 63, pid=1, Row Remapper: New row marked for remapping\nKeyError: 'lr'")
    assert known.signature == "python-exception"


@pytest.mark.parametrize("row", SXIDS, ids=lambda row: row["sxid"])
def test_every_sxid_is_fatal_or_not(row: Row) -> None:
    known = of(f"nvidia-nvswitch3: SXid (PCI:0000:c1:00.0): {row['sxid']}, Link 30 {row['name']}")
    fatal = row["potential_fatal"] != "false"
    assert known.signature == ("gpu-nvlink-error" if fatal else "nvswitch-non-fatal")
    assert f"SXid {row['sxid']}: {row['name']}" in known.title


def test_the_drivers_own_word_says_more_than_the_table() -> None:
    line = "nvidia-nvswitch3: SXid (PCI:0000:c1:00.0): {}, {}, Link 30 Minion Link NA interrupt"
    assert of(line.format(22012, "Non-fatal")).signature == "nvswitch-non-fatal"
    assert of(line.format(22012, "Fatal")).signature == "gpu-nvlink-error"
    assert "not in NVIDIA's list" in of(line.format(99999, "Fatal")).title
