import { randomBytes } from "node:crypto";
import middy from "@middy/core";
import { SqsMailbox } from "../../shared/aws/mailbox.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { Secrets } from "../../shared/aws/secrets.ts";
import { Table } from "../../shared/aws/table.ts";
import type { Connector, Reconciler } from "../../shared/channels/connector.ts";
import { paced } from "../../shared/http/paced.ts";
import { createHttp } from "../../shared/http/request.ts";
import { vendorStandIn } from "../../shared/http/stand-in.ts";
import { log } from "../../shared/log.ts";
import { Env, Input } from "./env.ts";
import { type Report, reconcile } from "./reconcile.ts";

const ANSWER_TIMEOUT_MS = 20_000;

/** What is needed of a connector. */
type Askable = Pick<Connector, "vendor" | "channel"> & { reconciler: Reconciler };

/**
 * Invoked by the account's schedule; gives back what came of it, for a person who invokes it by hand. The bundle's entry
 * is generated, so that it holds the connectors in use alone. Reads the environment at once.
 */
export function createHandler(connectors: Readonly<Record<string, Askable>>) {
  const env = Env.parse(process.env);
  const objects = new S3Objects({ bucket: env.BUCKET });
  const table = new Table({ tableName: env.TABLE_NAME, objects });
  const mailbox = new SqsMailbox({ queueUrl: env.MAILBOX_URL, objects });
  const secrets = new Secrets({ path: env.SECRETS_PATH });
  return middy<Input, Report | { account: string; skipped: string }>().handler(async (event, context) => {
    const { account: name, connector: word, settings, others } = Input.parse(event);
    const connector = connectors[word];
    if (!connector) throw new Error(`There is nothing to ask on the connector ${word}`);
    const own = await secrets.account(name);
    if (!own) {
      log("error", "secret_missing", { account: name, connector: word });
      return { account: name, skipped: "its secrets are missing" };
    }
    const { vendor, channel, reconciler } = connector;
    const http = createHttp({ timeoutMs: ANSWER_TIMEOUT_MS, replaces: vendorStandIn(vendor) });
    return reconcile({ name, settings, secrets: own }, reconciler, {
      table,
      mailbox,
      objects,
      // Elements that are too large for the log lie under this name, whoever sent them.
      connector: "reconcile",
      channel,
      joinByNumber: env.JOIN_BY_NUMBER === "true",
      others,
      http: paced(http, reconciler.pauseMs),
      clock: { now: Date.now },
      random: randomBytes,
      remaining: () => context.getRemainingTimeInMillis(),
      ...(await secrets.deployment()),
    });
  });
}
