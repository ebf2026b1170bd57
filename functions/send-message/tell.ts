/** What the mailbox is told of a send: what came of it, and what its owner should know. Every step may be repeated. */
import { Failure } from "../../shared/domain/event.ts";
import { eventKey, newToken } from "../../shared/domain/ids.ts";
import { accountLog } from "../../shared/domain/mailbox.ts";
import { type SendSubject, type SendVerdict, sendReport } from "../../shared/domain/send-report.ts";
import type { Claim } from "../../shared/ports.ts";
import { DONE, NEXT_PART, type Ports, type Step } from "./ports.ts";

export type Done = Extract<Claim, { state: "done" }>;

export async function tell(
  subject: SendSubject,
  verdict: SendVerdict,
  { mailbox, idSecret, clock, random }: Ports,
): Promise<void> {
  await mailbox.deliver([sendReport(subject, verdict, { idSecret, now: clock.now(), token: newToken(random) })]);
}

/** Tells the outcome that a claim keeps. The provider's id is remembered first, so that no receipt has to wait for it. */
export async function tellDone(done: Done, subject: SendSubject, ports: Ports): Promise<Step> {
  const { log: conversation, account, via = account, message, part } = subject;
  const { providerMessageId } = done;
  if (providerMessageId === undefined) {
    await tell(subject, { type: "message.failed", failure: Failure.parse(done.failure) }, ports);
    return DONE;
  }
  await ports.table.remember(via, providerMessageId, { conversation, message, part });
  await tell(subject, { type: "message.sent", providerMessageId, requestedAt: done.at }, ports);
  return NEXT_PART;
}

export async function alertOfSecrets(
  account: string,
  { channel, message }: SendSubject,
  { mailbox, idSecret, clock, random }: Ports,
): Promise<void> {
  const reason = `No secrets are stored for the account ${account}; its messages wait until they are.`;
  await mailbox.deliver([
    {
      log: accountLog(account),
      key: eventKey(idSecret, account, `${message}#no_secrets`),
      token: newToken(random),
      type: "account.alert",
      account,
      channel,
      at: { received: clock.now() },
      data: { code: "no_secrets", reason },
    },
  ]);
}
