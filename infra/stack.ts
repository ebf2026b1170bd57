import { EventBus } from "aws-cdk-lib/aws-events";
import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { Api } from "./api.ts";
import { accountsOn, connectorsInUse, type Deployment } from "./deployment.ts";
import { Alarms } from "./parts/alarms.ts";
import { bodiesBucket } from "./parts/bucket.ts";
import { pascalCase } from "./parts/names.ts";
import { WorkQueue } from "./parts/queue.ts";
import { historyTable } from "./parts/table.ts";
import { PublishEvent } from "./publish-event.ts";
import { ReceiveWebhook } from "./receive-webhook.ts";
import { RecordEvent } from "./record-event.ts";
import { SendMessage } from "./send-message.ts";
import { SettleSend } from "./settle-send.ts";

/** The whole of Recado, as a table of contents: what is kept, what waits, who works, who is told when it does not. */
export class RecadoStack extends Stack {
  constructor(scope: Construct, id: string, { config, stage, ...props }: Deployment & StackProps) {
    super(scope, id, { description: "Recado: one history for all conversations", ...props });
    const inUse = connectorsInUse(config);

    const table = historyTable(this);
    const bucket = bodiesBucket(this);
    const bus = new EventBus(this, "Bus", { eventBusName: `recado-${stage}` });
    const kept = { config, stage, table, bucket };

    const mailbox = new WorkQueue(this, "Mailbox", {
      stage,
      name: "conversations",
      isOrdered: true,
      workerTimeoutSeconds: 30,
    });
    const publish = new WorkQueue(this, "PublishQueue", {
      stage,
      name: "publish-event",
      isOrdered: true,
      workerTimeoutSeconds: 30,
    });
    const settle = new WorkQueue(this, "SettleQueue", {
      stage,
      name: "settle-send",
      isOrdered: false,
      workerTimeoutSeconds: 30,
      delaySeconds: config.policies.uncertainAfterSeconds,
    });
    const sending = inUse.map((connector) => ({
      connector,
      work: new WorkQueue(this, `SendQueue${pascalCase(connector)}`, {
        stage,
        name: `send-message-${connector}`,
        isOrdered: true,
        workerTimeoutSeconds: 60,
      }),
    }));
    const queueOfAccount = Object.fromEntries(
      sending.flatMap(({ connector, work }) => accountsOn(config, connector).map(({ name }) => [name, work])),
    );

    const connections = sending.map(({ connector, work }) => {
      const receiver = new ReceiveWebhook(this, { ...kept, connector, mailbox });
      const callbackUrl = receiver.webhookUrl;
      return { receiver, sender: new SendMessage(this, { ...kept, connector, work, mailbox, settle, callbackUrl }) };
    });
    const recorder = new RecordEvent(this, {
      ...kept,
      mailbox,
      doorbells: { "publish-event": publish },
      senders: queueOfAccount,
    });
    const settler = new SettleSend(this, { ...kept, work: settle, mailbox, senders: queueOfAccount });
    const publisher = new PublishEvent(this, { ...kept, work: publish, bus });
    const api = new Api(this, { ...kept, mailbox });

    new Alarms(this, {
      stage,
      recorder,
      senders: connections.map(({ sender }) => sender),
      settler,
      consumers: [publisher],
      receivers: connections.map(({ receiver }) => receiver.lambda),
      api,
      silenceAfterHours: config.alarms?.silenceAfterHours,
    });
    new CfnOutput(this, "TableName", { value: table.tableName });
    new CfnOutput(this, "BucketName", { value: bucket.bucketName });
    new CfnOutput(this, "BusName", { value: bus.eventBusName });
  }
}
