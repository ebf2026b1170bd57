import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { Api } from "./api.ts";
import { DeliverWebhook } from "./deliver-webhook.ts";
import { accountsOn, connectorsInUse, type Deployment, isByTopic, reconciledAccounts } from "./deployment.ts";
import { EraseContact } from "./erase-contact.ts";
import { accountsWithProfiles, FetchProfile } from "./fetch-profile.ts";
import { Alarms } from "./parts/alarms.ts";
import { bodiesBucket } from "./parts/bucket.ts";
import { pascalCase } from "./parts/names.ts";
import { WorkQueue } from "./parts/queue.ts";
import { historyTable } from "./parts/table.ts";
import { PostToHelpdesk } from "./post-to-helpdesk.ts";
import { PublishEvent, streams } from "./publish-event.ts";
import { ReceiveNotification } from "./receive-notification.ts";
import { ReceiveReply, type ReceiveReplyProps } from "./receive-reply.ts";
import { ReceiveWebhook } from "./receive-webhook.ts";
import { Reconcile } from "./reconcile.ts";
import { RecordEvent } from "./record-event.ts";
import { SendBatch } from "./send-batch.ts";
import { SendMessage } from "./send-message.ts";
import { SendScheduled } from "./send-scheduled.ts";
import { SettleSend } from "./settle-send.ts";
import { accountsWithMedia, StoreMedia } from "./store-media.ts";
import { TakeReply, type TakeReplyProps } from "./take-reply.ts";
import { TendHelpdesk, type TendHelpdeskProps } from "./tend-helpdesk.ts";
import { TendWebhooks } from "./tend-webhooks.ts";

/** The whole of Recado, as a table of contents: what is kept, what waits, who works, who is told when it does not. */
export class RecadoStack extends Stack {
  constructor(scope: Construct, id: string, { config, stage, ...props }: Deployment & StackProps) {
    super(scope, id, { description: "Recado: one history for all conversations", ...props });
    const inUse = connectorsInUse(config);

    const table = historyTable(this);
    const bucket = bodiesBucket(this);
    const kept = { config, stage, table, bucket };

    const mailbox = new WorkQueue(this, "Mailbox", {
      stage,
      name: "conversations",
      isOrdered: true,
      workerTimeoutSeconds: 30,
    });
    const deliveries = new WorkQueue(this, "DeliveryQueue", {
      stage,
      name: "deliver-webhook",
      isOrdered: true,
      workerTimeoutSeconds: 60,
    });
    const batches = new WorkQueue(this, "BatchQueue", {
      stage,
      name: "send-batch",
      isOrdered: true,
      workerTimeoutSeconds: 60,
    });
    const erasures = new WorkQueue(this, "ErasureQueue", {
      stage,
      name: "erase-contact",
      isOrdered: true,
      workerTimeoutSeconds: 120,
    });
    const settle = new WorkQueue(this, "SettleQueue", {
      stage,
      name: "settle-send",
      isOrdered: false,
      workerTimeoutSeconds: 30,
      delaySeconds: config.policies.uncertainAfterSeconds,
    });
    const media = new WorkQueue(this, "MediaQueue", {
      stage,
      name: "store-media",
      isOrdered: false,
      workerTimeoutSeconds: 240,
    });
    const profile = new WorkQueue(this, "ProfileQueue", {
      stage,
      name: "fetch-profile",
      isOrdered: false,
      workerTimeoutSeconds: 120,
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
    const desks = Object.entries(config.helpdesks).map(([desk, configured]) => ({
      desk,
      configured,
      work: new WorkQueue(this, `DeskQueue${pascalCase(desk)}`, {
        stage,
        name: `post-to-helpdesk-${desk}`,
        isOrdered: true,
        workerTimeoutSeconds: 60,
      }),
    }));
    const queueOfAccount = Object.fromEntries(
      sending.flatMap(({ connector, work }) => accountsOn(config, connector).map(({ name }) => [name, work])),
    );

    const api = new Api(this, { ...kept, mailbox, deliveries, batches, erasures, senders: queueOfAccount });
    const { linksUrl } = api;
    const connections = sending.map(({ connector, work }) => {
      const Receiver = isByTopic(connector) ? ReceiveNotification : ReceiveWebhook;
      const receiver = new Receiver(this, { ...kept, connector, mailbox });
      const callbackUrl = receiver.webhookUrl;
      const reached = { mailbox, settle, senders: queueOfAccount };
      return {
        receiver,
        sender: new SendMessage(this, { ...kept, ...reached, connector, work, callbackUrl, linksUrl }),
      };
    });
    const publishers = streams(this, kept).map((stream) => new PublishEvent(this, { ...kept, stream }));
    const receivers = connections.map(({ receiver }) => receiver);
    const recorder = new RecordEvent(this, {
      ...kept,
      mailbox,
      doorbells: {
        ...Object.fromEntries(publishers.map(({ consumer, work }) => [consumer, work])),
        "deliver-webhook": deliveries,
        ...Object.fromEntries(desks.map(({ desk, work }) => [`post-to-helpdesk-${desk}`, work])),
      },
      senders: queueOfAccount,
      media,
      mediaAccounts: accountsWithMedia(config),
      profiles: Object.fromEntries(accountsWithProfiles(config).map((name) => [name, profile])),
    });
    const scheduler = new SendScheduled(this, { ...kept, senders: queueOfAccount });
    const batcher = new SendBatch(this, { ...kept, work: batches, mailbox });
    const settler = new SettleSend(this, { ...kept, work: settle, mailbox, senders: queueOfAccount });
    const eraser = new EraseContact(this, { ...kept, work: erasures, mailbox });
    const namer = new FetchProfile(this, { ...kept, work: profile, mailbox });
    const storer = new StoreMedia(this, { ...kept, work: media, mailbox });
    const reconciler = reconciledAccounts(config).length > 0 ? new Reconcile(this, { ...kept, mailbox }) : undefined;
    const deliverer = new DeliverWebhook(this, { ...kept, work: deliveries, mailbox });
    const tender = new TendWebhooks(this, { ...kept, deliveries });
    const { epoch } = config;
    const posting = { stage, table, bucket, mailbox, epoch, linksUrl, accounts: config.accounts };
    const posters = desks.map((one) => new PostToHelpdesk(this, { ...posting, ...one }));
    const bells = Object.fromEntries(desks.map(({ desk, work }) => [desk, work]));
    const way = desks.length > 0 ? wayOut(this, { ...kept, api, mailbox, bells }) : undefined;

    new Alarms(this, {
      stage,
      recorder,
      senders: connections.map(({ sender }) => sender),
      batcher,
      eraser,
      settler,
      storer,
      namer,
      consumers: [...publishers, deliverer, ...posters],
      way,
      webhookTender: tender.lambda,
      scheduler: scheduler.lambda,
      receivers: receivers.filter((door) => door instanceof ReceiveWebhook).map(({ lambda }) => lambda),
      listeners: receivers.filter((door) => door instanceof ReceiveNotification),
      reconciler: reconciler?.lambda,
      api,
      silenceAfterHours: config.alarms?.silenceAfterHours,
    });
    new CfnOutput(this, "TableName", { value: table.tableName });
    new CfnOutput(this, "BucketName", { value: bucket.bucketName });
  }
}

/** From the desks to the customers, where there is any desk. */
function wayOut(
  scope: Construct,
  given: Omit<ReceiveReplyProps & TakeReplyProps & TendHelpdeskProps, "replies" | "work">,
) {
  const work = new WorkQueue(scope, "ReplyQueue", {
    stage: given.stage,
    name: "take-reply",
    isOrdered: true,
    workerTimeoutSeconds: 240,
  });
  return {
    door: new ReceiveReply(scope, { ...given, replies: work }).lambda,
    taker: new TakeReply(scope, { ...given, work }),
    tender: new TendHelpdesk(scope, { ...given, replies: work }).lambda,
  };
}
