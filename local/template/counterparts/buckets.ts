/** @module AWS::S3::Bucket, AWS::S3::BucketPolicy */
import { BucketAlreadyExists, BucketAlreadyOwnedByYou, CreateBucketCommand } from "@aws-sdk/client-s3";
import * as z from "zod";
import { counterpart, PolicyDocumentProperty, physicalName, unplayed } from "../counterpart.ts";

export const bucket = counterpart(
  {
    BucketName: z.string().optional(),
    LifecycleConfiguration: unplayed,
    PublicAccessBlockConfiguration: unplayed,
    BucketEncryption: unplayed,
    VersioningConfiguration: unplayed,
    OwnershipControls: unplayed,
  },
  async ({ BucketName }, { logicalId, world }) => {
    const name = physicalName(BucketName, logicalId, world).toLowerCase();
    try {
      await world.administrator.s3.send(new CreateBucketCommand({ Bucket: name }));
    } catch (error) {
      if (!(error instanceof BucketAlreadyOwnedByYou || error instanceof BucketAlreadyExists)) throw error;
    }
    const domain = `${name}.s3.${world.region}.amazonaws.com`;
    return {
      reference: name,
      attributes: { Arn: `arn:aws:s3:::${name}`, RegionalDomainName: domain, DomainName: `${name}.s3.amazonaws.com` },
    };
  },
);

export const bucketPolicy = counterpart(
  { Bucket: z.string(), PolicyDocument: PolicyDocumentProperty },
  ({ Bucket, PolicyDocument }, { logicalId, world }) => {
    world.setResourcePolicy(`arn:aws:s3:::${Bucket}`, PolicyDocument);
    return { reference: logicalId };
  },
);
