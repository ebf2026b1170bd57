import { BlockPublicAccess, Bucket, BucketEncryption } from "aws-cdk-lib/aws-s3";
import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib/core";
import type { Construct } from "constructs";

/**
 * Bytes beside the table. `mailbox/`: bodies too large for the queue, needed only as long as a queue keeps a message;
 * `quarantine/`: what came authentic and could not be read, or was too large to lie in the log unread, kept until
 * somebody has made something of it; `entries/`: large entries of the history, kept like the table; `media/`: the files of
 * messages under ids of ours, kept like the table and erased with the message; `incoming/`: files that a provider has put
 * there itself, until they were looked at; `batches/`: whom batches are for, until each is worked through.
 */
export function bodiesBucket(scope: Construct): Bucket {
  const bucket = new Bucket(scope, "Bucket", {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [
      { id: "mailbox", prefix: "mailbox/", expiration: Duration.days(30) },
      { id: "incoming", prefix: "incoming/", expiration: Duration.days(3) },
      // Longer than any queue keeps a batch: what lies there then was never queued.
      { id: "batches", prefix: "batches/", expiration: Duration.days(30) },
    ],
  });
  Validations.of(bucket).acknowledge({
    id: "AwsSolutions-S1",
    reason:
      "Only this stack's functions read or write it, each under a role that names its prefixes, and nobody outside can reach it. A second bucket of access logs would be one more place to erase; who needs the trail turns on CloudTrail data events.",
  });
  return bucket;
}
