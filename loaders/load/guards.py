"""Guards that a load passes before anything is replaced, and those that its options overrule."""

from loaders.errors import LoaderError
from loaders.landing.landed_crawl import LandedCrawl
from loaders.load.folder_guards import check_completeness, check_date, check_replaced_crawl
from loaders.load.plan import LoadPlan
from loaders.load.snapshot_dates import GUARD, check_refetch, crawled_later


def check_plan(plan: LoadPlan) -> list[str]:
    """Refuse a snapshot before any of it is opened.

    Returns:
        Names of the guards that ``--force`` overrules.

    Raises:
        LoaderError: a folder cannot be of that day, or is a part that comes after a whole; or a
            past day of a Hub at an address would be crawled anew.
    """
    folder, force = plan.source.folder, plan.options.force
    overruled = []
    if folder is not None:
        overruled += check_date(folder, plan.snapshot_date, force=force)
        if not plan.source.is_complete:
            overruled += check_completeness(plan.kept, folder, plan.snapshot_date, force=force)
    if plan.options.refetch and not plan.source.is_local:
        check_refetch(plan.snapshot_date)
    return overruled


def check_landed(plan: LoadPlan, landed: LandedCrawl) -> list[str]:
    """Refuse a landed crawl that would replace what was really listed on its day.

    Returns:
        Names of the guards that the options overrule.

    Raises:
        LoaderError: one objects, and the options do not overrule it.
    """
    if landed.snapshot is None:
        return []
    if plan.source.folder is not None:
        return check_replaced_crawl(
            plan.kept, plan.source.folder, landed.snapshot, force=plan.options.force
        )
    if plan.source.is_local:
        return []
    objection = crawled_later(landed.snapshot, plan.kept)
    if objection and not plan.options.allow_later_crawl:
        raise LoaderError(objection)
    return [GUARD] if objection else []
