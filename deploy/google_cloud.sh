#!/usr/bin/env bash
# Everything that runs on Google Cloud need, and nothing else: datasets, a bucket, a secret, three
# identities, Cloud Run jobs with the clocks that start them, and alerts that tell somebody. Safe to
# run again: what is there stays, the jobs take the new image, the alerts their new text. First
# deployment, step by step: docs/deployment.md.
#
#   PROJECT=your-project EMAIL=you@example.org [REGION=europe-west1] [LOCATION=EU]
#   [HUB_SCHEMA_PREFIX=dev_] [HUB=https://huggingface.co] [GITHUB=owner/repository] deploy/google_cloud.sh
#
# It needs gcloud and bq (logged in as somebody who may do all this once) and docker; with GITHUB,
# gh too. With a prefix everything has a name of its own: another observatory in the same project.
set -euo pipefail
cd "$(dirname "$0")/.."

refuse() { echo "error: $*" >&2; exit 1; }

PROJECT=${PROJECT:-} EMAIL=${EMAIL:-} GITHUB=${GITHUB:-}
REGION=${REGION:-europe-west1}           # where the jobs run
LOCATION=${LOCATION:-EU}                 # where bucket and datasets are; it can never be changed
PREFIX=${HUB_SCHEMA_PREFIX:-}            # before the name of each dataset
HUB=${HUB:-https://huggingface.co}

[[ -n $PROJECT ]] || refuse "PROJECT is not set: give the id of your Google Cloud project."
[[ $EMAIL == ?*@?* ]] || refuse "EMAIL is not set: give the address that is told when a run fails or a month is missing."
# A service account has at most 30 characters, of which hub-observatory-watch takes 21.
[[ -z $PREFIX || $PREFIX =~ ^[a-z][a-z0-9]{0,7}_$ ]] ||
  refuse "HUB_SCHEMA_PREFIX is $PREFIX: give at most eight lower-case letters and digits, and an underscore, such as dev_."
[[ $HUB != sample || -n $PREFIX ]] ||
  refuse "HUB is the sample: give it a HUB_SCHEMA_PREFIX, such as sample_, so that production stays free of it."
for tool in gcloud bq docker ${GITHUB:+gh}; do
  command -v "$tool" >/dev/null || refuse "$tool is not installed; the script cannot do without."
done

NAME=${PREFIX//_/-}hub-observatory
BUCKET=$PROJECT-$NAME
RUNNER=$NAME-run@$PROJECT.iam.gserviceaccount.com
STARTER=$NAME-start@$PROJECT.iam.gserviceaccount.com
WATCHER=$NAME-watch@$PROJECT.iam.gserviceaccount.com
REPOSITORY=$REGION-docker.pkg.dev/$PROJECT/$NAME
FILES=deploy/google_cloud

export CLOUDSDK_CORE_PROJECT=$PROJECT CLOUDSDK_CORE_DISABLE_PROMPTS=1

# make_once DESCRIBE… -- CREATE…: create what describing does not find.
make_once() {
  local describe=()
  while [[ $1 != -- ]]; do describe+=("$1"); shift; done
  shift
  if gcloud "${describe[@]}" >/dev/null 2>&1; then
    echo "there already: ${describe[*]}"
  else
    gcloud "$@"
  fi
}

# retry COMMAND…: a service account that was just made is not known everywhere for up to a minute,
# and a role that names it is refused until then.
retry() {
  local seconds
  for seconds in 2 5 10 20 40; do
    "$@" && return
    echo "not yet; once more in $seconds seconds: ${*%%;*}" >&2
    sleep "$seconds"
  done
  "$@" || refuse "this failed six times, the last reason stands above: ${*%%;*}"
}

# in_bigquery SQL: run statements that may be run again.
in_bigquery() {
  bq --project_id="$PROJECT" --location="$LOCATION" --headless --quiet query --use_legacy_sql=false "$1"
}

# filled FILE: its text, with the names of this deployment.
filled() {
  local text
  text=$(<"$1")
  text=${text//__NAME__/$NAME}
  text=${text//__REGION__/$REGION}
  text=${text//__DATASET__/${PREFIX}hub_raw}
  text=${text//__CHANNEL__/${CHANNEL:-}}
  text=${text//__CONFIG__/${CONFIG:-}}
  printf '%s' "$text"
}

gcloud services enable artifactregistry.googleapis.com bigquery.googleapis.com \
  bigquerydatatransfer.googleapis.com cloudscheduler.googleapis.com iam.googleapis.com \
  iamcredentials.googleapis.com logging.googleapis.com monitoring.googleapis.com \
  run.googleapis.com secretmanager.googleapis.com storage.googleapis.com

# The landing zone is the only copy of what the Hub said in a month: nothing in it is public, and
# what is deleted by mistake can be brought back for 30 days.
make_once storage buckets describe "gs://$BUCKET" -- \
  storage buckets create "gs://$BUCKET" --location="$LOCATION" \
  --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=30d
# What runs said of themselves goes after two years; pages never.
gcloud storage buckets update "gs://$BUCKET" --lifecycle-file="$FILES/bucket.json"

for who in "run: runs" "start: starts the runs" "watch: looks for a missing month"; do
  make_once iam service-accounts describe "$NAME-${who%%:*}@$PROJECT.iam.gserviceaccount.com" -- \
    iam service-accounts create "$NAME-${who%%:*}" --display-name="Hub Observatory: ${who#*: }"
done

# The token has no value yet; docs/deployment.md says how to add one, and to rotate it.
make_once secrets describe "$NAME-hf-token" -- \
  secrets create "$NAME-hf-token" --replication-policy=automatic

# Datasets are made here, so that a run needs no right in the project but to run jobs.
statements=
for dataset in hub_raw hub_raw_staging seeds staging intermediate marts trends ecosystem reporting; do
  statements+="create schema if not exists \`$PREFIX$dataset\`;
grant \`roles/bigquery.dataEditor\` on schema \`$PREFIX$dataset\` to 'serviceAccount:$RUNNER';
"
done
retry in_bigquery "$statements"
retry in_bigquery "grant \`roles/bigquery.dataViewer\` on schema \`${PREFIX}hub_raw\` to 'serviceAccount:$WATCHER';"

# To run jobs, and to read answers fast. Neither shows a dataset.
for member in "$RUNNER" "$WATCHER"; do
  retry gcloud projects add-iam-policy-binding "$PROJECT" --condition=None --format=none \
    --member="serviceAccount:$member" --role=roles/bigquery.jobUser
done
retry gcloud projects add-iam-policy-binding "$PROJECT" --condition=None --format=none \
  --member="serviceAccount:$RUNNER" --role=roles/bigquery.readSessionUser
# Landing zone and reports: reads, writes, and deletes where a crawl is made anew. And the file
# system asks whether the bucket is there before it writes the first file.
for role in objectUser legacyBucketReader; do
  retry gcloud storage buckets add-iam-policy-binding "gs://$BUCKET" --format=none \
    --member="serviceAccount:$RUNNER" --role="roles/storage.$role"
done
# Reads the Hub's token, and no other secret.
retry gcloud secrets add-iam-policy-binding "$NAME-hf-token" --format=none \
  --member="serviceAccount:$RUNNER" --role=roles/secretmanager.secretAccessor

make_once artifacts repositories describe "$NAME" --location="$REGION" -- \
  artifacts repositories create "$NAME" --location="$REGION" --repository-format=docker
# Five images are a way back; older ones go after 90 days.
gcloud artifacts repositories set-cleanup-policies "$NAME" --location="$REGION" \
  --policy="$FILES/images.json" --no-dry-run
gcloud auth configure-docker "$REGION-docker.pkg.dev" --quiet
docker build --platform=linux/amd64 --tag "$REPOSITORY/run" .
docker push "$REPOSITORY/run"
# By digest: the jobs run what was built here, whatever the tag comes to mean.
IMAGE=$(docker inspect --format='{{range .RepoDigests}}{{println .}}{{end}}' "$REPOSITORY/run" |
  grep --max-count=1 "^$REPOSITORY/run@")

MOUNTS=()  # below with a +, because the bash of macOS takes an empty list for an unset variable
VERSIONS=$(gcloud secrets versions list "$NAME-hf-token" --filter=state=enabled --format='value(name)')
if [[ -n $VERSIONS ]]; then
  MOUNTS=("--set-secrets=HF_TOKEN=$NAME-hf-token:latest")
fi
SETTINGS=HUB=$HUB,TARGET=bigquery,GOOGLE_CLOUD_PROJECT=$PROJECT,GOOGLE_CLOUD_LOCATION=$LOCATION
SETTINGS+=,HUB_SCHEMA_PREFIX=$PREFIX,HUB_LANDING=gs://$BUCKET/landing,HUB_RUNS=gs://$BUCKET/runs
SETTINGS+=${HUB_SITE:+,HUB_SITE=$HUB_SITE}${HUB_SITE_ADDRESS:+,HUB_SITE_ADDRESS=$HUB_SITE_ADDRESS}

# job NAME COMMAND SCHEDULE: a job that runs one command, and the clock that starts it.
#
# Memory holds what a run writes to its disk, too. A crawl without a token takes an hour. One more
# try goes on where a failed one stopped; after a kill it waits ten minutes for the lock to end.
job() {
  gcloud run jobs deploy "$1" --image="$IMAGE" --args="$2" --region="$REGION" \
    --service-account="$RUNNER" --cpu=2 --memory=8Gi --task-timeout=4h --max-retries=1 \
    ${MOUNTS[@]+"${MOUNTS[@]}"} --set-env-vars="$SETTINGS"
  # May start this one job as it is, and do nothing else.
  retry gcloud run jobs add-iam-policy-binding "$1" --region="$REGION" --format=none \
    --member="serviceAccount:$STARTER" --role=roles/run.invoker
  make_once scheduler jobs describe "$1" --location="$REGION" -- \
    scheduler jobs create http "$1" --location="$REGION" \
    --schedule="$3" --time-zone=Etc/UTC --oauth-service-account-email="$STARTER" \
    --uri="https://run.googleapis.com/v2/projects/$PROJECT/locations/$REGION/jobs/$1:run"
}
# The first of the month: the month before is then complete. The costly runs on days of their own.
job "$NAME" monthly "0 3 1 * *"
job "$NAME-parameters" parameters "0 3 8 * *"
job "$NAME-details" details "0 3 15 * *"

# An overdue month: a query that fails then. Asked at noon from the next noon on, so that there is
# time for the first run.
DAILY="every day 12:00"
WHERE=$(tr '[:upper:]' '[:lower:]' <<<"$LOCATION")
# (Its name stands in the answer before its id. As CSV, bq lists no queries at all.)
overdue() {
  local queries
  queries=$(bq --project_id="$PROJECT" --format=prettyjson --headless --quiet ls --transfer_config \
    --transfer_location="$WHERE" --max_results=1000 --filter=dataSourceIds:scheduled_query)
  awk -v title="$NAME-overdue" -F '"' '
    /^    "displayName": / { found = $4 == title }
    /^    "name": / && found { print $4; exit }' <<<"$queries"
}
QUERY=$(filled "$FILES/overdue.sql" | grep -v '^--' | tr '\n' ' ')
QUERY="{\"query\": \"$QUERY\"}"
CONFIG=$(overdue)
if [[ -n $CONFIG ]]; then
  # With the schedule: an update without one takes it away.
  bq --project_id="$PROJECT" --headless --quiet update --transfer_config --params="$QUERY" \
    --schedule="$DAILY" "$CONFIG"
else
  retry bq --project_id="$PROJECT" --location="$WHERE" --headless --quiet mk --transfer_config \
    --data_source=scheduled_query --display_name="$NAME-overdue" --params="$QUERY" \
    --schedule="$DAILY" --schedule_start_time="$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    --service_account_name="$WATCHER"
  CONFIG=$(overdue)
  [[ -n $CONFIG ]] || refuse "the scheduled query $NAME-overdue is not there, though it was made."
fi
CONFIG=${CONFIG##*/}

CHANNELS=$(gcloud beta monitoring channels list --type=email --format='value(name,labels.email_address)')
CHANNEL=$(awk -v email="$EMAIL" '$2 == email {print $1; exit}' <<<"$CHANNELS")
if [[ -z $CHANNEL ]]; then
  CHANNEL=$(gcloud beta monitoring channels create --type=email --display-name="Hub Observatory" \
    --channel-labels="email_address=$EMAIL" --format='value(name)')
fi
for file in "$FILES"/alerts/*.json; do
  # Its name is the first line that says one.
  title=$(filled "$file" | sed -n 's/^  "displayName": "\(.*\)",$/\1/p')
  policy=$(gcloud monitoring policies list --limit=1 --format='value(name)' --filter="displayName=\"$title\"")
  if [[ -n $policy ]]; then
    gcloud monitoring policies update "$policy" --policy="$(filled "$file")" --format=none
    echo "there already, with its text as it is now: alert $title"
  else
    gcloud monitoring policies create --policy="$(filled "$file")" --format=none
  fi
done

if [[ -n $GITHUB ]]; then
  # GitHub vouches for the workflow; only the main branch of this repository is believed. It goes by its number: a
  # name that was given up can be taken by somebody else.
  ID=$(gh api "repos/$GITHUB" --jq .id)
  NUMBER=$(gcloud projects describe "$PROJECT" --format='value(projectNumber)')
  POOL=projects/$NUMBER/locations/global/workloadIdentityPools/$NAME
  make_once iam workload-identity-pools describe "$NAME" --location=global -- \
    iam workload-identity-pools create "$NAME" --location=global
  make_once iam workload-identity-pools providers describe github \
    --workload-identity-pool="$NAME" --location=global -- \
    iam workload-identity-pools providers create-oidc github \
    --workload-identity-pool="$NAME" --location=global \
    --issuer-uri=https://token.actions.githubusercontent.com \
    --attribute-mapping=google.subject=assertion.sub,attribute.repository_id=assertion.repository_id \
    --attribute-condition="assertion.repository_id == '$ID' && assertion.ref == 'refs/heads/main'"
  # The workflow acts as the jobs do; there is no key.
  retry gcloud iam service-accounts add-iam-policy-binding "$RUNNER" --format=none \
    --member="principalSet://iam.googleapis.com/$POOL/attribute.repository_id/$ID" \
    --role=roles/iam.workloadIdentityUser
  echo "Variables for the workflow:"
  echo "  GOOGLE_CLOUD_PROJECT=$PROJECT GOOGLE_CLOUD_LOCATION=$LOCATION HUB_SCHEMA_PREFIX=$PREFIX"
  echo "  HUB_BUCKET=gs://$BUCKET SERVICE_ACCOUNT=$RUNNER"
  echo "  WORKLOAD_IDENTITY_PROVIDER=$POOL/providers/github"
fi

echo "Try it now: gcloud run jobs execute $NAME --region=$REGION --project=$PROJECT --wait"
