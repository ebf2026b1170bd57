/**
 * What watches a deployed stack: logs, metrics and alarms. Nothing evaluates them on a laptop, where the functions'
 * output lies in files; their properties are checked by CDK and AWS, so any are accepted.
 * @module AWS::Logs::LogGroup, AWS::CloudWatch::Alarm and CompositeAlarm, AWS::CDK::Metadata
 */
import { arn, type Counterpart, physicalName } from "../counterpart.ts";

export const logGroup: Counterpart = async (logicalId, { LogGroupName }, world) => {
  const name = physicalName(LogGroupName === undefined ? undefined : String(LogGroupName), logicalId, world);
  return { reference: name, attributes: { Arn: arn("logs", `log-group:${name}:*`, world) } };
};

export const alarm: Counterpart = async (logicalId, { AlarmName }, world) => {
  const name = physicalName(AlarmName === undefined ? undefined : String(AlarmName), logicalId, world);
  return { reference: name, attributes: { Arn: arn("cloudwatch", `alarm:${name}`, world) } };
};

export const metadata: Counterpart = async (logicalId) => ({ reference: logicalId });
