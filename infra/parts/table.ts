import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import { RemovalPolicy } from "aws-cdk-lib/core";
import type { Construct } from "constructs";

/** Finds an entry by its key; exists from the table's creation or never. */
export const BY_KEY = "byKey";
/** Lists conversations, newest activity first. */
export const BY_ACTIVITY = "byActivity";

/** The one table. It outlives the stack: a history is not deleted by a slip of the hand. */
export function historyTable(scope: Construct): Table {
  const table = new Table(scope, "Table", {
    partitionKey: { name: "pk", type: AttributeType.STRING },
    sortKey: { name: "sk", type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.AWS_MANAGED,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: "expires",
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  table.addLocalSecondaryIndex({
    indexName: BY_KEY,
    sortKey: { name: "key", type: AttributeType.STRING },
    projectionType: ProjectionType.INCLUDE,
    nonKeyAttributes: ["token"],
  });
  table.addGlobalSecondaryIndex({
    indexName: BY_ACTIVITY,
    partitionKey: { name: "shard", type: AttributeType.STRING },
    sortKey: { name: "active", type: AttributeType.STRING },
    projectionType: ProjectionType.KEYS_ONLY,
  });
  return table;
}
