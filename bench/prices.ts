/**
 * AWS list prices, us-east-1, USD, without any free tier, as of 2026-11-22; and what has to be assumed because this
 * machine cannot tell it. Sources: the pricing pages of Lambda, SQS, DynamoDB, EventBridge, API Gateway and S3.
 */
export const PRICES = {
  asOf: "2026-11-22",
  region: "us-east-1",
  perMillion: {
    lambdaRequests: 0.2,
    /** Requests, each 64 KB of one counting once; a batch of up to ten messages is one. */
    sqsFifoRequests: 0.5,
    /** On demand: 1 KB written, index included. */
    dynamodbWriteUnits: 0.625,
    /** On demand: 4 KB read consistently. */
    dynamodbReadUnits: 0.125,
    /** Custom events, each 64 KB of one counting once. */
    eventBridgeEvents: 1,
    httpApiRequests: 1,
    s3Puts: 5,
  },
  /** Lambda on arm64, per GB-second. */
  lambdaGbSecond: 0.0000133334,
};

export const ASSUMED = {
  /** Of every invocation, beside its waiting. */
  ownMs: 5,
  /** One call to an AWS service in the same Region, with the processor time that it takes. */
  awsCallMs: 8,
  /** The provider's answer to a send, or an endpoint's to a webhook. */
  providerCallMs: 150,
  /** As the stack has it, for every function. */
  memoryGb: 0.5,
};
