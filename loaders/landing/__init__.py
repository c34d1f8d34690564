"""The landing zone: every page of a crawl, kept as received, and every answer about one model.

A folder or a bucket, under one root. It knows nothing of the Hub: what is asked, and what a page
says, are others' concern.

One folder holds one crawl, ``<root>/<source>/<kind>/<snapshot_date>/``:

* ``page-000001.json.zst``: the body of a page, as received, compressed;
* ``page-000001.manifest.json``: written after its page. It names the next page, the count and
  a checksum. A page counts only when its manifest can be read;
* ``snapshot.json``: written after the last page. Its presence makes the snapshot complete;
* ``removed``: written before the pages are removed. Whatever else is there counts no more.

What was read of a file of an archive lies in the same way, in a folder of the archive's: parts of
parquet in the place of pages, with ``file.json`` and ``verdict.json`` beside them.

Another holds the answers to one question, ``<root>/<source>/<question>/``: a file for each
batch, ``20261031T235959.123456Z.jsonl``, in which each answer is a line of JSON.

A third is the lock of a Hub, ``<root>/<source>.lock/``.
"""
