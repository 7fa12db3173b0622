"""
The closed words of the product with their labels.

Identifiers are what code and tables hold; labels are what people read. Every label of a state,
status, part, cause, severity, measure or department comes from here and from nowhere else.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landuse.texts import Lang


class Role(StrEnum):
    """What a source layer tells about."""

    CLUSTER = "cluster"
    PARK = "park"
    APPROVAL = "approval"
    SUPPLY = "supply"
    CONSTRUCTION = "construction"
    PAUSE = "pause"
    ENTERPRISE = "enterprise"
    PROJECT = "project"
    PLAN = "plan"
    NETWORK = "network"
    IMAGERY = "imagery"


class State(StrEnum):
    """The five states of land; exactly one holds for each case on each day."""

    APPROVED_UNSUPPLIED = "approved_unsupplied"
    SUPPLIED_UNBUILT = "supplied_unbuilt"
    BUILT_UNFINISHED = "built_unfinished"
    COMPLETED = "completed"
    UNDETERMINED = "undetermined"


class Status(StrEnum):
    """What refines a state."""

    UNEXPROPRIATED = "unexpropriated"
    EXPROPRIATED = "expropriated"
    LAPSED = "lapsed"
    OCCUPIED = "occupied"
    UNSUPPLIED = "unsupplied"
    NOT_DELIVERED = "not_delivered"
    NOT_DUE = "not_due"
    OVERDUE = "overdue"
    IDLE_ONE_YEAR = "idle_one_year"
    IDLE_TWO_YEARS = "idle_two_years"
    IDLE_GOVERNMENT = "idle_government"
    IN_PROGRESS = "in_progress"
    COMPLETION_OVERDUE = "completion_overdue"
    COMPLETION_OVERDUE_TWO_YEARS = "completion_overdue_two_years"
    SUSPENDED = "suspended"
    IDLE_SUSPENDED = "idle_suspended"
    SUSPENDED_INEFFICIENT = "suspended_inefficient"
    FINISHED = "finished"
    NOT_IN_PRODUCTION = "not_in_production"
    HALTED = "halted"
    UNDERPERFORMING = "underperforming"
    UNDETERMINED = "undetermined"


class Part(StrEnum):
    """Whether footprints stand on a piece of supplied land."""

    BUILT = "built"
    UNBUILT = "unbuilt"
    NONE = ""


class Seen(StrEnum):
    """What imagery shows on a parcel; evidence, never a state."""

    VEGETATION = "vegetation"
    BARE = "bare_soil"
    BUILDING = "works"
    BUILT = "buildings"
    OPEN = "no_vegetation"
    SMALL = "too_small"
    HIDDEN = "not_seen"


class Agreement(StrEnum):
    """How imagery and the papers stand to each other."""

    CONFLICT = "conflict"
    DOUBT = "doubt"
    AGREE = "agree"
    NONE = "not_compared"


class Severity(StrEnum):
    """What a finding means for the result."""

    FORBIDS = "forbids"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


STATE_OF: dict[Status, State] = {
    Status.UNEXPROPRIATED: State.APPROVED_UNSUPPLIED,
    Status.EXPROPRIATED: State.APPROVED_UNSUPPLIED,
    Status.LAPSED: State.APPROVED_UNSUPPLIED,
    Status.OCCUPIED: State.APPROVED_UNSUPPLIED,
    Status.UNSUPPLIED: State.APPROVED_UNSUPPLIED,
    Status.NOT_DELIVERED: State.SUPPLIED_UNBUILT,
    Status.NOT_DUE: State.SUPPLIED_UNBUILT,
    Status.OVERDUE: State.SUPPLIED_UNBUILT,
    Status.IDLE_ONE_YEAR: State.SUPPLIED_UNBUILT,
    Status.IDLE_TWO_YEARS: State.SUPPLIED_UNBUILT,
    Status.IDLE_GOVERNMENT: State.SUPPLIED_UNBUILT,
    Status.IN_PROGRESS: State.BUILT_UNFINISHED,
    Status.COMPLETION_OVERDUE: State.BUILT_UNFINISHED,
    Status.COMPLETION_OVERDUE_TWO_YEARS: State.BUILT_UNFINISHED,
    Status.SUSPENDED: State.BUILT_UNFINISHED,
    Status.IDLE_SUSPENDED: State.BUILT_UNFINISHED,
    Status.SUSPENDED_INEFFICIENT: State.BUILT_UNFINISHED,
    Status.FINISHED: State.COMPLETED,
    Status.NOT_IN_PRODUCTION: State.COMPLETED,
    Status.HALTED: State.COMPLETED,
    Status.UNDERPERFORMING: State.COMPLETED,
    Status.UNDETERMINED: State.UNDETERMINED,
}
"""The one state each status refines."""

IDLE = frozenset(
    {Status.IDLE_ONE_YEAR, Status.IDLE_TWO_YEARS, Status.IDLE_GOVERNMENT, Status.IDLE_SUSPENDED}
)
"""Statuses that meet a test of 闲置土地处置办法 第二条 and are 疑似闲置 until determined."""

INEFFICIENT = frozenset(
    {
        Status.COMPLETION_OVERDUE_TWO_YEARS,
        Status.SUSPENDED_INEFFICIENT,
        Status.NOT_IN_PRODUCTION,
        Status.HALTED,
        Status.UNDERPERFORMING,
    }
)
"""Statuses of 低效用地, which is not 闲置 and never shown as such."""

_LABELS: dict[StrEnum, tuple[str, str]] = {
    Seen.VEGETATION: ("植被", "vegetation"),
    Seen.BARE: ("裸土", "bare soil"),
    Seen.BUILDING: ("在建", "works"),
    Seen.BUILT: ("建成", "built"),
    Seen.OPEN: ("非植被", "not vegetated"),
    Seen.SMALL: ("过小不判", "too small to say"),
    Seen.HIDDEN: ("未看到", "not seen"),
    Agreement.CONFLICT: ("矛盾", "conflict"),
    Agreement.DOUBT: ("存疑", "doubt"),
    Agreement.AGREE: ("一致", "agree"),
    Agreement.NONE: ("不比较", "not compared"),
    State.APPROVED_UNSUPPLIED: ("批而未供", "approved, not supplied"),
    State.SUPPLIED_UNBUILT: ("供而未建", "supplied, not built on"),
    State.BUILT_UNFINISHED: ("建而未成", "begun, not finished"),
    State.COMPLETED: ("已建成", "completed"),
    State.UNDETERMINED: ("待核实", "to be verified"),
    Status.UNEXPROPRIATED: ("批而未征", "approved, not expropriated"),
    Status.EXPROPRIATED: ("征而未供", "expropriated, not supplied"),
    Status.LAPSED: ("批文失效", "approval lapsed"),
    Status.OCCUPIED: ("实际已用未供", "built on without supply"),
    Status.UNSUPPLIED: ("批而未供（征收情况待核）", "not supplied (expropriation to be verified)"),
    Status.NOT_DELIVERED: ("未交地", "not handed over"),
    Status.NOT_DUE: ("未到约定动工日", "start not yet due"),
    Status.OVERDUE: ("逾期未动工", "start overdue"),
    Status.IDLE_ONE_YEAR: ("疑似闲置（满一年）", "suspected idle (one full year)"),
    Status.IDLE_TWO_YEARS: ("疑似闲置（满两年）", "suspected idle (two full years)"),
    Status.IDLE_GOVERNMENT: ("疑似闲置（政府原因）", "suspected idle (government cause)"),
    Status.IN_PROGRESS: ("在建", "under construction"),
    Status.COMPLETION_OVERDUE: ("逾期未竣工", "completion overdue"),
    Status.COMPLETION_OVERDUE_TWO_YEARS: (
        "低效（逾期竣工满两年）",
        "inefficient (completion two full years overdue)",
    ),
    Status.SUSPENDED: ("停建缓建", "works suspended"),
    Status.IDLE_SUSPENDED: (
        "疑似闲置（中止建设满一年）",
        "suspected idle (suspended one full year)",
    ),
    Status.SUSPENDED_INEFFICIENT: ("停建低效", "suspended, inefficient"),
    Status.FINISHED: ("已建成", "finished"),
    Status.NOT_IN_PRODUCTION: ("建而未投", "built, not in production"),
    Status.HALTED: ("停产半停产", "production halted"),
    Status.UNDERPERFORMING: ("投而未达标", "in production, below target"),
    Status.UNDETERMINED: ("待核实", "to be verified"),
    Part.BUILT: ("已建", "built"),
    Part.UNBUILT: ("未建", "unbuilt"),
    Severity.FORBIDS: ("禁止出结果", "forbids a result"),
    Severity.ERROR: ("错误", "error"),
    Severity.WARNING: ("警告", "warning"),
    Severity.INFO: ("提示", "information"),
    Role.CLUSTER: ("产业集聚区", "industrial cluster"),
    Role.PARK: ("区中园", "park within park"),
    Role.APPROVAL: ("用地批准", "land approval"),
    Role.SUPPLY: ("供地", "land supply"),
    Role.CONSTRUCTION: ("建筑轮廓", "built footprints"),
    Role.PAUSE: ("暂停事由", "lawful pauses"),
    Role.ENTERPRISE: ("企业", "enterprises"),
    Role.PROJECT: ("项目", "projects"),
    Role.PLAN: ("规划用途", "planned functions"),
    Role.NETWORK: ("基础设施网络", "networks"),
    Role.IMAGERY: ("影像", "imagery"),
}

_SUSPECTED = ("疑似闲置", "suspected idle")
_DETERMINED = ("闲置土地", "idle land")


def label(word: StrEnum, lang: Lang = "zh", *, is_determined: bool = False) -> str:
    """
    Return what people read for a word.

    Parameters
    ----------
    word
        A member of one of the enums above.
    lang
        ``zh`` or ``en``.
    is_determined
        Whether a 闲置土地认定书 exists; only then may the word be 闲置土地 instead of 疑似闲置
        (闲置土地处置办法 第九条).
    """
    column = 0 if lang == "zh" else 1
    text = _LABELS[word][column]
    return text.replace(_SUSPECTED[column], _DETERMINED[column]) if is_determined else text


PAUSE_CAUSES: dict[str, tuple[str, str]] = {
    "G1": ("未按约定的期限、条件交付土地", "land not delivered as agreed"),
    "G2": ("依法修改土地利用总体规划、城乡规划", "lawful change of plan"),
    "G3": ("国家出台相关政策需修改规划和建设条件", "new national policy"),
    "G4": ("处置土地上相关群众信访事项", "petitions about the land"),
    "G5": ("军事管制、文物保护等", "military control, protection of relics"),
    "G6": ("政府、政府有关部门的其他行为", "other acts of government"),
    "FM": ("自然灾害等不可抗力", "force majeure"),
}
"""Lawful causes of delay: 闲置土地处置办法 第八条 (一)–(六), and 不可抗力."""

HOLDER_CAUSES: dict[str, tuple[str, str]] = {
    "E1": ("资金不足", "short of money"),
    "E2": ("市场变化、投资意愿改变", "change of market or of mind"),
    "E3": ("股权、债务纠纷", "dispute over shares or debts"),
    "E4": ("司法查封、破产", "sealed by a court, bankruptcy"),
    "E5": ("未办理报建手续", "permits not applied for"),
    "E6": ("囤地", "land withheld"),
    "E9": ("其他自身原因", "another cause of the holder"),
}
"""Causes of delay on the holder's side, which deduct nothing; as a ledger may name them."""

UNSUPPLIED_CAUSES: dict[str, tuple[str, str]] = {
    "S1": ("前期配套不足", "groundwork not complete"),
    "S2": ("项目落空", "project fell through"),
    "S3": ("征收受阻", "expropriation held up"),
    "S4": ("供地手续未办", "supply papers not made"),
    "S5": ("规划调整等不具备实施条件", "cannot be carried out, such as after a change of plan"),
    "S6": ("道路、绿化等代征用地", "roads and green taken along"),
    "S9": ("其他未供原因", "another cause"),
}
"""Why approved land is not supplied; as a ledger may name it."""


def cause_code(text: str, causes: dict[str, tuple[str, str]]) -> str:
    """
    Return the code of a cause as a ledger writes it; "" where it names none of them.

    ``E1``, ``e1``, ``资金不足`` and ``E1 资金不足`` are the same; other words are not guessed at.
    """
    plain = text.strip()
    code = plain[:2].upper()
    rest = plain[2:].strip(" :：、.-—") if code in causes else plain
    if code in causes and rest in {"", *causes[code]}:
        return code
    return next((key for key, labels in causes.items() if plain in labels), "")
