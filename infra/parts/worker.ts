import { EventSourceMapping, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { HouseFunction, type HouseFunctionProps } from "./function.ts";
import { workOff } from "./permissions.ts";
import type { WorkQueue } from "./queue.ts";

export interface WorkerProps extends Omit<HouseFunctionProps, "timeout" | "description"> {
  /** The queue that it works off. */
  work: WorkQueue;
  /** At most ten, as FIFO queues have it. */
  batchSize: number;
  /** One plain sentence: who notices what when this worker stands still. It is part of the alarm. */
  impact: string;
}

/** A function that works off a queue, message by message: one that fails comes back, the others are done. */
export class Worker extends Construct {
  readonly lambda: LambdaFunction;
  readonly work: WorkQueue;
  readonly folder: string;
  readonly impact: string;

  constructor(scope: Construct, id: string, { work, batchSize, impact, ...props }: WorkerProps) {
    super(scope, id);
    this.work = work;
    this.folder = props.folder;
    this.impact = impact;
    const { lambda } = new HouseFunction(this, "Worker", {
      ...props,
      description: `If it stands still: ${impact}`,
      timeout: work.workerTimeout,
      permissions: [workOff(work.queue), ...props.permissions],
    });
    new EventSourceMapping(this, "Source", {
      target: lambda,
      eventSourceArn: work.queue.queueArn,
      batchSize,
      reportBatchItemFailures: true,
    });
    this.lambda = lambda;
  }
}
