/**
 * Ten alarms, and one more where the owner wants to hear of silence (others only where there is more than one alarm can
 * watch): each is one sentence about who notices what, and the entry of docs/runbook.md with its name says what to do. An
 * alarm adds up several metrics, since whoever is woken first wants to know what is wrong, then where.
 */

import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { CfnOutput, Duration, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { pascalCase, physicalName } from "./names.ts";
import type { Worker } from "./worker.ts";

/** CloudWatch takes no more metrics into one alarm. */
const MOST_METRICS = 10;
const LONGEST_DESCRIPTION = 1024;

export interface AlarmsProps {
  stage: string;
  recorder: Worker;
  senders: readonly Worker[];
  batcher: Worker;
  eraser: Worker;
  settler: Worker;
  storer: Worker;
  namer: Worker;
  /** Followers of the log. */
  consumers: readonly Worker[];
  /** The helpdesks' door on the API's address, and who takes their replies from there; undefined without any desk. */
  way: { door: LambdaFunction; taker: Worker; tender: LambdaFunction } | undefined;
  /** Rings for what waits for developers' endpoints. */
  webhookTender: LambdaFunction;
  /** Hands over what is to go out at a time of its own. */
  scheduler: LambdaFunction;
  /** Behind function URLs. */
  receivers: readonly LambdaFunction[];
  /** Receivers that empty the queue behind a provider's topic. */
  listeners: readonly Worker[];
  /** Undefined where no provider is asked. */
  reconciler: LambdaFunction | undefined;
  api: { lambda: LambdaFunction; httpApi: HttpApi };
  /** Hours without any webhook after which someone is told; undefined: never. */
  silenceAfterHours: number | undefined;
}

interface AlarmRule {
  /** Also the heading of its entry in the runbook. */
  name: string;
  impact: string;
  metrics: readonly IMetric[];
  combine: "sum" | "max";
  /** Breached from this value on. */
  from: number;
  period: Duration;
  /** How many periods in a row. */
  periods: number;
}

export class Alarms extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, props: AlarmsProps) {
    super(scope, "Alarms");
    const {
      stage,
      recorder,
      senders,
      batcher,
      eraser,
      settler,
      storer,
      namer,
      consumers,
      receivers,
      listeners,
      reconciler,
    } = props;
    const { api, way, webhookTender, scheduler, silenceAfterHours } = props;
    const takers = way ? [way.taker] : [];
    const workers = [
      recorder,
      ...senders,
      batcher,
      eraser,
      settler,
      storer,
      namer,
      ...takers,
      ...consumers,
      ...listeners,
    ];
    this.topic = alarmTopic(this, stage);

    const rules: AlarmRule[] = [
      {
        name: "dead-letters",
        impact: `Work was given up and waits for a redrive. ${impacts(workers)}`,
        metrics: workers.map(({ work }) => waiting(work.deadLetters)),
        combine: "sum",
        from: 1,
        period: minutes(1),
        periods: 1,
      },
      {
        name: "recording-late",
        impact: "What customers write reaches the history, the agents and the API minutes late.",
        metrics: [recorder, ...listeners].map(({ work }) => age(work.queue)),
        combine: "max",
        from: 120,
        period: minutes(1),
        periods: 3,
      },
      {
        name: "sending-late",
        impact: "Agents' replies wait minutes before they reach the customer.",
        metrics: [...senders, ...takers].map(({ work }) => age(work.queue)),
        combine: "max",
        from: 300,
        period: minutes(1),
        periods: 5,
      },
      {
        name: "consumers-late",
        impact: "The history is complete, but those who follow it hear of it minutes late.",
        metrics: consumers.map(({ work }) => age(work.queue)),
        combine: "max",
        from: 300,
        period: minutes(1),
        periods: 5,
      },
      {
        name: "webhooks-fail",
        impact: "Providers are answered with an error: Meta repeats for days, an SMS may be lost for good.",
        metrics: receivers.map((lambda) => ofFunction(lambda, "Url5xxCount")),
        combine: "sum",
        from: 1,
        period: minutes(5),
        periods: 1,
      },
      {
        name: "workers-fail",
        impact: `Invocations end in an exception again and again. ${impacts(workers)}`,
        metrics: workers.map(({ lambda }) => ofFunction(lambda, "Errors")),
        combine: "sum",
        from: 1,
        period: minutes(5),
        periods: 3,
      },
      {
        name: "reconcile-fails",
        impact: "What providers did not manage to tell stays missing, until it is asked for again.",
        metrics: reconciler ? [ofFunction(reconciler, "Errors")] : [],
        combine: "sum",
        // Lambda itself tries an invocation of a schedule three times.
        from: 3,
        period: Duration.hours(1),
        periods: 1,
      },
      {
        name: "tending-fails",
        impact:
          "What helpdesks did not manage to tell stays missing until they are asked again, and what waits for developers' endpoints, or for its time to be sent, goes on waiting.",
        metrics: [...(way ? [way.tender] : []), webhookTender, scheduler].map((lambda) => ofFunction(lambda, "Errors")),
        combine: "sum",
        from: 3,
        period: Duration.hours(1),
        periods: 1,
      },
      {
        name: "throttled",
        impact: "The account's Lambda concurrency is used up: webhooks and API calls are refused.",
        metrics: [...receivers, ...(way ? [way.door] : []), api.lambda, recorder.lambda].map((lambda) =>
          ofFunction(lambda, "Throttles"),
        ),
        combine: "sum",
        from: 1,
        period: minutes(5),
        periods: 2,
      },
      {
        name: "api-fails",
        impact: "Programs that call the API, or helpdesks, get errors that are not their fault.",
        metrics: [api.httpApi.metricServerError({ statistic: Stats.SUM })],
        combine: "sum",
        from: 5,
        period: minutes(5),
        periods: 1,
      },
    ];
    for (const rule of rules) this.raise(stage, rule);
    if (silenceAfterHours !== undefined && receivers.length > 0)
      this.raiseAtSilence(stage, receivers, silenceAfterHours);
    new CfnOutput(Stack.of(this), "AlarmTopicArn", { value: this.topic.topicArn });
  }

  /**
   * One alarm for every ten metrics: `<name>`, `<name>-2` … Before the first account is configured there is nothing to send
   * on and no door to watch, and no alarm.
   */
  private raise(stage: string, { name, impact, metrics, combine, from, period, periods }: AlarmRule): void {
    for (let start = 0; start < metrics.length; start += MOST_METRICS) {
      const metric = combined(name, combine, metrics.slice(start, start + MOST_METRICS), period);
      const suffix = start === 0 ? "" : `-${start / MOST_METRICS + 1}`;
      this.alarm(
        stage,
        { name, suffix, impact },
        {
          metric,
          threshold: from,
          evaluationPeriods: periods,
          comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
          // A queue or function at rest reports nothing, and nothing is wrong.
          treatMissingData: TreatMissingData.NOT_BREACHING,
        },
      );
    }
  }

  /** Function URLs report only when they are called, so silence is the absence of any report. */
  private raiseAtSilence(stage: string, receivers: readonly LambdaFunction[], hours: number): void {
    const calls = receivers.map((lambda) => ofFunction(lambda, "UrlRequestCount"));
    const impact = `No provider has called for ${hours} hours: customers may be writing into the void.`;
    this.alarm(
      stage,
      { name: "webhooks-silent", suffix: "", impact },
      {
        metric: combined("webhooks-silent", "sum", calls, Duration.hours(1)),
        threshold: 1,
        evaluationPeriods: hours,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.BREACHING,
      },
    );
  }

  private alarm(
    stage: string,
    { name, suffix, impact }: { name: string; suffix: string; impact: string },
    props: Pick<
      ConstructorParameters<typeof Alarm>[2],
      "metric" | "threshold" | "evaluationPeriods" | "comparisonOperator" | "treatMissingData"
    >,
  ): void {
    const alarmDescription = `${impact} What to do: docs/runbook.md#${name}`;
    if (alarmDescription.length > LONGEST_DESCRIPTION) {
      throw new Error(
        `The alarm ${name} would carry ${alarmDescription.length} characters; CloudWatch takes ${LONGEST_DESCRIPTION}.`,
      );
    }
    const alarm = new Alarm(this, pascalCase(`${name}${suffix}`), {
      alarmName: physicalName(stage, `${name}${suffix}`),
      alarmDescription,
      ...props,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
  }
}

/** Whom the alarms of this stage and account may reach; the owner subscribes to it. */
function alarmTopic(scope: Construct, stage: string): Topic {
  const topic = new Topic(scope, "Topic", { topicName: physicalName(stage, "alarms"), enforceSSL: true });
  topic.addToResourcePolicy(
    new PolicyStatement({
      actions: ["sns:Publish"],
      principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
      resources: [topic.topicArn],
      conditions: { StringEquals: { "aws:SourceAccount": Stack.of(scope).account } },
    }),
  );
  return topic;
}

/** The largest or the total of `metrics`; one that reports nothing counts as 0. */
function combined(name: string, combine: AlarmRule["combine"], metrics: readonly IMetric[], period: Duration): IMetric {
  if (metrics.length > MOST_METRICS) {
    throw new Error(
      `The alarm ${name} would watch ${metrics.length} metrics and CloudWatch takes ${MOST_METRICS}: use fewer connectors in one stage.`,
    );
  }
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  const names = Object.keys(usingMetrics).map((id) => `FILL(${id}, 0)`);
  const expression = names.length === 1 ? names.join() : `${combine.toUpperCase()}([${names.join(", ")}])`;
  return new MathExpression({ label: name, expression, usingMetrics, period });
}

function waiting(queue: Queue): IMetric {
  return queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM });
}

/** In seconds. */
function age(queue: Queue): IMetric {
  return queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM });
}

function ofFunction(
  lambda: LambdaFunction,
  metricName: "Errors" | "Throttles" | "Url5xxCount" | "UrlRequestCount",
): IMetric {
  return new Metric({
    namespace: "AWS/Lambda",
    metricName,
    dimensionsMap: { FunctionName: lambda.functionName },
    statistic: Stats.SUM,
  });
}

/** What stands still with each worker, every sentence once. */
function impacts(workers: readonly Worker[]): string {
  const named = Map.groupBy(workers, ({ impact }) => impact);
  return [...named]
    .map(([impact, those]) => `${[...new Set(those.map(({ folder }) => folder))].join(", ")}: ${impact}`)
    .join(" ");
}

const minutes = Duration.minutes;
