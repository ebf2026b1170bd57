/**
 * One notification of the provider's topic, from the queue to the mailbox: the same road as a webhook's, with the topic in
 * the place of the URL. Nobody else brings it again, so whatever AWS itself is at fault for stays in the queue, and what
 * is refused is kept.
 */
import { type Next, WorldFault } from "../../shared/ports.ts";
import { type Door, type Ports, quarantine, webhookReceiver } from "./receive-webhook.ts";

/**
 * @returns what takes in one notification, JSON as SNS wraps it. A refusal means that a foreign topic was subscribed to the
 *   queue, which no repetition cures and no stranger can bring about: the notification is quarantined and raised.
 * @throws WorldFault (from the function given back) when it has to come again
 */
export function notificationReceiver(door: Door, topicArn: string, ports: Ports): (body: string) => Promise<Next> {
  const receive = webhookReceiver(door, ports);
  return async (body) => {
    const request = {
      method: "POST",
      url: `sns:${topicArn}`,
      query: {},
      headers: {},
      body: Buffer.from(body),
      receivedAt: ports.clock.now(),
    };
    const { status } = await receive(request);
    if (status === 503) throw new WorldFault("a notification was not queued");
    const [owner] = door.accounts;
    const idSecret = (await ports.secrets()).get("deployment")?.idSecret;
    if (status >= 300 && owner && typeof idSecret === "string") {
      const reason =
        "A notification came that is not of this connector's topic: something else is subscribed to its queue.";
      const keys = { ...door, ...ports, idSecret };
      await ports.mailbox.deliver([
        await quarantine(request, { ...owner, secrets: {} }, "notification_refused", reason, keys),
      ]);
    }
    return { kind: "done" };
  };
}
