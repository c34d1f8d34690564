#!/usr/bin/env bash
# Everything that a monthly run on Google Cloud needs, and nothing else: a bucket, a secret, two
# identities, a Cloud Run job and the clock that starts it. Safe to run again: what is there stays,
# the job takes the new image. First deployment, step by step: docs/deployment.md.
#
#   PROJECT=your-project [REGION=europe-west1] [LOCATION=EU] [GITHUB=owner/repository] deploy/google_cloud.sh
#
# It needs gcloud (logged in as somebody who may do all this once) and docker; with GITHUB, gh too.
set -euo pipefail
cd "$(dirname "$0")/.."

PROJECT=${PROJECT:?the id of your Google Cloud project}
REGION=${REGION:-europe-west1}  # where the job runs
LOCATION=${LOCATION:-EU}        # where bucket and datasets are; it can never be changed
GITHUB=${GITHUB:-}              # only for the workflow: the repository that may run as the job

BUCKET=$PROJECT-hub-observatory
NAME=hub-observatory
RUNNER=$NAME-run@$PROJECT.iam.gserviceaccount.com
STARTER=$NAME-start@$PROJECT.iam.gserviceaccount.com
REPOSITORY=$REGION-docker.pkg.dev/$PROJECT/$NAME

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

gcloud services enable artifactregistry.googleapis.com bigquery.googleapis.com \
  cloudscheduler.googleapis.com iam.googleapis.com iamcredentials.googleapis.com \
  run.googleapis.com secretmanager.googleapis.com storage.googleapis.com

# The landing zone is the only copy of what the Hub said in a month: nothing in it is public, and
# what is deleted by mistake can be brought back for 30 days.
make_once storage buckets describe "gs://$BUCKET" -- \
  storage buckets create "gs://$BUCKET" --location="$LOCATION" \
  --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=30d

make_once iam service-accounts describe "$RUNNER" -- \
  iam service-accounts create "$NAME-run" --display-name="Hub Observatory: runs"
make_once iam service-accounts describe "$STARTER" -- \
  iam service-accounts create "$NAME-start" --display-name="Hub Observatory: starts the runs"

# The token has no value yet; docs/deployment.md says how to add one, and to rotate it.
make_once secrets describe "$NAME-hf-token" -- \
  secrets create "$NAME-hf-token" --replication-policy=automatic

# Runs jobs and queries, reads the answers, and makes datasets, which are then its own. It sees
# no other dataset of the project.
gcloud projects add-iam-policy-binding "$PROJECT" --condition=None --format=none \
  --member="serviceAccount:$RUNNER" --role=roles/bigquery.user
# Landing zone and reports: reads, writes, and deletes where a crawl is made anew.
gcloud storage buckets add-iam-policy-binding "gs://$BUCKET" --format=none \
  --member="serviceAccount:$RUNNER" --role=roles/storage.objectUser
# The file system asks whether the bucket is there before it writes the first file.
gcloud storage buckets add-iam-policy-binding "gs://$BUCKET" --format=none \
  --member="serviceAccount:$RUNNER" --role=roles/storage.legacyBucketReader
# Reads the Hub's token, and no other secret.
gcloud secrets add-iam-policy-binding "$NAME-hf-token" --format=none \
  --member="serviceAccount:$RUNNER" --role=roles/secretmanager.secretAccessor

make_once artifacts repositories describe "$NAME" --location="$REGION" -- \
  artifacts repositories create "$NAME" --location="$REGION" --repository-format=docker
gcloud auth configure-docker "$REGION-docker.pkg.dev" --quiet
docker build --platform=linux/amd64 --tag "$REPOSITORY/run" .
docker push "$REPOSITORY/run"
# By digest: the job runs what was built here, whatever the tag comes to mean.
IMAGE=$(docker inspect --format='{{range .RepoDigests}}{{println .}}{{end}}' "$REPOSITORY/run" |
  grep --max-count=1 "^$REPOSITORY/run@")

MOUNTS=()  # below with a +, because the bash of macOS takes an empty list for an unset variable
VERSIONS=$(gcloud secrets versions list "$NAME-hf-token" --filter=state=enabled --format='value(name)')
if [[ -n $VERSIONS ]]; then
  MOUNTS=("--set-secrets=HF_TOKEN=$NAME-hf-token:latest")
fi
# Memory holds what a run writes to its disk, too. A crawl without a token takes an hour. One more
# try goes on where a failed one stopped; after a kill it waits ten minutes for the lock to end.
gcloud run jobs deploy "$NAME" --image="$IMAGE" --region="$REGION" --service-account="$RUNNER" \
  --cpu=2 --memory=8Gi --task-timeout=4h --max-retries=1 ${MOUNTS[@]+"${MOUNTS[@]}"} \
  --set-env-vars="HUB=https://huggingface.co,TARGET=bigquery,GOOGLE_CLOUD_PROJECT=$PROJECT,GOOGLE_CLOUD_LOCATION=$LOCATION,HUB_LANDING=gs://$BUCKET/landing,HUB_RUNS=gs://$BUCKET/runs"

# May start this one job, and do nothing else.
gcloud run jobs add-iam-policy-binding "$NAME" --region="$REGION" --format=none \
  --member="serviceAccount:$STARTER" --role=roles/run.invoker
# The first of the month: the month before is then complete.
make_once scheduler jobs describe "$NAME" --location="$REGION" -- \
  scheduler jobs create http "$NAME" --location="$REGION" \
  --schedule="0 3 1 * *" --time-zone=Etc/UTC --oauth-service-account-email="$STARTER" \
  --uri="https://run.googleapis.com/v2/projects/$PROJECT/locations/$REGION/jobs/$NAME:run"

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
  # The workflow acts as the job does; there is no key.
  gcloud iam service-accounts add-iam-policy-binding "$RUNNER" --format=none \
    --member="principalSet://iam.googleapis.com/$POOL/attribute.repository_id/$ID" \
    --role=roles/iam.workloadIdentityUser
  echo "Variables for the workflow:"
  echo "  GOOGLE_CLOUD_PROJECT=$PROJECT GOOGLE_CLOUD_LOCATION=$LOCATION"
  echo "  HUB_BUCKET=gs://$BUCKET SERVICE_ACCOUNT=$RUNNER"
  echo "  WORKLOAD_IDENTITY_PROVIDER=$POOL/providers/github"
fi

echo "Try it now: gcloud run jobs execute $NAME --region=$REGION --project=$PROJECT --wait"
