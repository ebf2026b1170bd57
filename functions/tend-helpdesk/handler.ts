import middy from "@middy/core";
import { DeskTable } from "../../shared/aws/desk-table.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { queuesIn, SqsQueues } from "../../shared/aws/queues.ts";
import { Secrets } from "../../shared/aws/secrets.ts";
import { Table } from "../../shared/aws/table.ts";
import type { DeskCapabilities, DeskReconciler } from "../../shared/helpdesks/helpdesk.ts";
import { createHttp, LARGEST_TICKET_BYTES } from "../../shared/http/request.ts";
import { standInFor } from "../../shared/http/stand-in.ts";
import { Env, Input } from "./env.ts";
import { type Report, tendHelpdesk } from "./tend-helpdesk.ts";

const ANSWER_TIMEOUT_MS = 20_000;

/** What is needed of a helpdesk. */
interface Kind {
  capabilities: DeskCapabilities;
  reconciler?: DeskReconciler;
}

/** Invoked by the desk's schedule. The bundle's entry is generated, so that it holds the helpdesks in use alone. */
export function createHandler(kinds: Readonly<Record<string, Kind>>) {
  const env = Env.parse(process.env);
  const table = new Table({ tableName: env.TABLE_NAME, objects: new S3Objects({ bucket: env.BUCKET }) });
  const tickets = new DeskTable({ tableName: env.TABLE_NAME });
  const secrets = new Secrets({ path: env.SECRETS_PATH });
  const queues = new SqsQueues({});
  const bells = queuesIn(env.DESKS);

  return middy<Input, Report>().handler(async (event, context) => {
    const { desk: name, helpdesk, settings, origins, accounts: served } = Input.parse(event);
    const kind = kinds[helpdesk];
    const bell = bells[name];
    if (!kind || bell === undefined) throw new Error(`There is no helpdesk ${name}`);
    return tendHelpdesk({
      table,
      tickets,
      desk: { name, accounts: served, ...kind },
      async reach() {
        const own = await secrets.account(name);
        return own && { name, settings, secrets: own };
      },
      http: createHttp({
        ...{ timeoutMs: ANSWER_TIMEOUT_MS, largestBytes: LARGEST_TICKET_BYTES },
        replaces: standInFor(name, origins),
      }),
      ring: (body) =>
        queues.sendInGroup(bell, {
          group: body.log,
          deduplicationId: `${body.log}.${body.sequence}${body.closing ? ".closing" : ".over"}`,
          body,
        }),
      queue: ({ group, deduplicationId, body }) =>
        queues.sendInGroup(env.REPLIES_URL, { group, deduplicationId, body: JSON.parse(body) }),
      clock: { now: Date.now },
      remaining: () => context.getRemainingTimeInMillis(),
    });
  });
}
