import type { Counterpart } from "../counterpart.ts";
import { bucket, bucketPolicy } from "./buckets.ts";
import { eventBus, eventBusPolicy, rule, schedule } from "./events.ts";
import { api, integration, route, stage } from "./http-api.ts";
import { managedPolicy, policy, role } from "./identity.ts";
import { eventSourceMapping, functionUrl, lambdaFunction, permission } from "./lambda.ts";
import { queue, queuePolicy } from "./queues.ts";
import { table } from "./table.ts";
import { subscription, topic, topicPolicy } from "./topics.ts";
import { alarm, logGroup, metadata } from "./watching.ts";

/** Every resource type that the local run knows. */
export const counterparts: Readonly<Record<string, Counterpart>> = {
  "AWS::ApiGatewayV2::Api": api,
  "AWS::ApiGatewayV2::Integration": integration,
  "AWS::ApiGatewayV2::Route": route,
  "AWS::ApiGatewayV2::Stage": stage,
  "AWS::CDK::Metadata": metadata,
  "AWS::CloudWatch::Alarm": alarm,
  "AWS::CloudWatch::CompositeAlarm": alarm,
  "AWS::DynamoDB::Table": table,
  "AWS::Events::EventBus": eventBus,
  "AWS::Events::EventBusPolicy": eventBusPolicy,
  "AWS::Events::Rule": rule,
  "AWS::IAM::ManagedPolicy": managedPolicy,
  "AWS::IAM::Policy": policy,
  "AWS::IAM::Role": role,
  "AWS::Lambda::EventSourceMapping": eventSourceMapping,
  "AWS::Lambda::Function": lambdaFunction,
  "AWS::Lambda::Permission": permission,
  "AWS::Lambda::Url": functionUrl,
  "AWS::Logs::LogGroup": logGroup,
  "AWS::S3::Bucket": bucket,
  "AWS::S3::BucketPolicy": bucketPolicy,
  "AWS::SNS::Subscription": subscription,
  "AWS::SNS::Topic": topic,
  "AWS::SNS::TopicPolicy": topicPolicy,
  "AWS::SQS::Queue": queue,
  "AWS::SQS::QueuePolicy": queuePolicy,
  "AWS::Scheduler::Schedule": schedule,
};
