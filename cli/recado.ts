#!/usr/bin/env node
/** The `recado` command: one line per subcommand, each loaded only when it is called. */
import { enableCompileCache } from "node:module";
import { Option, program } from "commander";
import { explained } from "./failure.ts";
import { listed, seconds, wholeNumber } from "./options.ts";

// A command that was run before begins in half the time.
enableCompileCache();

const apiUrl = process.env.RECADO_API_URL ?? `http://localhost:${process.env.PORT ?? "3000"}`;
const dataDir = process.env.RECADO_DATA_DIR ?? ".recado";
const apiKey = process.env.RECADO_API_KEY ?? "local-api-key";

/** What it is is not shown: help texts are pasted everywhere. */
const withKey = new Option("--key <key>", "API key").default(apiKey, "RECADO_API_KEY, else the local run's");

program
  .name("recado")
  .description("One ordered history for WhatsApp, Messenger, Instagram and SMS, in your own AWS account.");

program
  .command("start")
  .description("run all of it on this machine, as it would be deployed")
  .action(explained(async () => (await import("./start.ts")).start(process.env)));

program
  .command("simulate")
  .description("be a customer: write to an account of the local run, and see what happens to the message")
  .argument("<account>", "name of the account in the configuration, e.g. whatsapp")
  .argument("[text]", "what the customer writes", "")
  .option("--from <address>", "who the customer is: a phone number, or the scoped id of Messenger and Instagram")
  .option("--kind <kind>", "what the customer does instead of writing text, e.g. image, location, button, reaction")
  .option("--about <id>", "the provider's id of the message that it is about")
  .option("--reply <text>", "answer through the API, as an agent would")
  .option("--wait <seconds>", "how long to show what happens", seconds, 30)
  .option("--url <url>", "where Recado runs", apiUrl)
  .addOption(withKey)
  .action(
    explained(async (account, text, options) => (await import("./simulate.ts")).simulate(account, text, options)),
  );

program
  .command("send")
  .description("send a message into a conversation, or to somebody who has not written")
  .argument("[conversation]", "its id, conv_…; not with --to")
  .argument("[text...]", "what to say, or the caption of a file; - reads it from the standard input")
  .option("--to <contact>", "a contact, con_…, or an address on --account, such as a phone number")
  .option("--account <account>", "which account sends it, e.g. sms")
  .option("--file <path>", "send this file")
  .option("--content-type <type>", "of the file, e.g. image/jpeg, where its name does not say it")
  .option("--content <json>", "send this content, e.g. a list or a template, as the API takes it")
  .option("--reply-to <id>", "the message that it answers, msg_…")
  .option("--dry-run", "only show what would become of it")
  .option("--idempotency-key <key>", "under one key it is sent once, however often this is called")
  .option("--wait <seconds>", "show what becomes of it, for so long", seconds, 0)
  .option("--url <url>", "where Recado runs", apiUrl)
  .addOption(withKey)
  .action(
    explained(async (conversation, text, options) =>
      (await import("./send.ts")).send([...(conversation === undefined ? [] : [conversation]), ...text], options),
    ),
  );

program
  .command("tail")
  .description("follow the events of all conversations, or of one")
  .option("--conversation <id>", "only this conversation, from its first event on")
  .option(
    "--since <time>",
    "everything since then, each event once: 2026-11-22T09:00:00Z, or 2h; new ones 40 seconds late",
  )
  .option("--type <types>", "only events of these types, e.g. message.received or message.failed,media.*", listed)
  .option("--json", "one envelope per line, as in a pipe")
  .option("--url <url>", "where Recado runs", apiUrl)
  .addOption(withKey)
  .action(explained(async (options) => (await import("./tail.ts")).tail(options)));

program
  .command("listen")
  .description("forward events, signed as webhooks are, to a receiver on this machine")
  .requiredOption("--forward-to <url>", "the receiver, e.g. http://localhost:4000/webhooks")
  .option("--conversation <id>", "only this conversation, from its first event on; else all from now on")
  .option("--type <types>", "only events of these types, e.g. message.received or message.failed,media.*", listed)
  .option("--secret <secret>", "to sign with, whsec_…; a new one is made and shown unless given")
  .option("--url <url>", "where Recado runs", apiUrl)
  .addOption(withKey)
  .action(explained(async (options) => (await import("./listen.ts")).listen(options)));

program
  .command("replay")
  .description("have events delivered again to a subscription; without an option, show its replays")
  .argument("<subscription>", "its id, sub_…")
  .option("--conversation <id>", "the events of this conversation")
  .option("--from <sequence>", "number of the first of them", wholeNumber)
  .option("--to <sequence>", "number of the last of them", wholeNumber)
  .option("--since <time>", "what was recorded since then, in all conversations: 2026-11-22T09:00:00Z, or 2h")
  .option("--until <time>", "and until then")
  .option("--failed", "what the endpoint did not take")
  .option("--cancel", "cancel what is under way")
  .option("--no-wait", "only begin it, and print its id")
  .option("--url <url>", "where Recado runs", apiUrl)
  .addOption(withKey)
  .action(explained(async (subscription, options) => (await import("./replay.ts")).replay(subscription, options)));

program
  .command("export")
  .description("write down everything that is kept about a contact: JSON, and the files")
  .argument("<contact>", "its id, con_…")
  .option(
    "--out <folder>",
    "where to; - prints one JSON per line instead. A folder called like the contact, unless given",
  )
  .option("--url <url>", "where Recado runs", apiUrl)
  .addOption(withKey)
  .action(explained(async (contact, options) => (await import("./export.ts")).exportContact(contact, options)));

program
  .command("erase")
  .description("erase a contact: what was said, their files, who they are; prints a receipt")
  .argument("<contact>", "its id, con_…")
  .option("--yes", "without being asked")
  .option("--url <url>", "where Recado runs", apiUrl)
  .addOption(withKey)
  .action(explained(async (contact, options) => (await import("./erase.ts")).erase(contact, options)));

program
  .command("verify")
  .description("prove the logs: every number there, every key once, nothing changed by hand, every consumer at the end")
  .argument("[log]", "only this one: of a conversation, conv_…, a contact, con_…, or an account, account:<name>")
  .option("--table <name>", "the table of a deployed stack (output TableName), read with your AWS credentials")
  .option("--bucket <name>", "its bucket (output BucketName)")
  .action(
    explained(async (log, { table, bucket }) => {
      const { storeProof } = await import("./store.ts");
      const { verify } = await import("./verify.ts");
      await verify(log, storeProof({ table, bucket, dataDir }));
    }),
  );

program
  .command("reconcile")
  .description("ask the providers now for what their webhooks did not tell")
  .argument("[account]", "only this account")
  .option("--stage <stage>", "of a deployed stack: shows how to have it done there")
  .option("--url <url>", "where the local run is", apiUrl)
  .action(explained(async (account, options) => (await import("./reconcile.ts")).reconcile(account, options)));

const keys = program.command("keys").description("make, list and revoke API keys");
const ofStage = ["--stage <stage>", "of a deployed stack, with your AWS credentials; else of the local run"] as const;
const inTable = ["--table <name>", "its table (output TableName), where the stage does not find it"] as const;

keys
  .command("create")
  .description("make a key and show it, this once")
  .requiredOption("--name <name>", "who uses it, or what for")
  .requiredOption("--scope <scopes>", "what it may do: read, send, admin, or several with commas")
  .option("--account <account...>", "only conversations of these accounts")
  .option("--rate <requests>", "a second, on average over two; or none", "50")
  .option(...ofStage)
  .option(...inTable)
  .action(
    explained(async ({ stage, table, ...wanted }) => {
      const { knownAccounts, withKeys } = await import("./key-store.ts");
      const { createKey } = await import("./keys.ts");
      const known = wanted.account ? await knownAccounts() : [];
      await withKeys({ stage, table, dataDir }, (found) => createKey(wanted, { ...found, known }));
    }),
  );

keys
  .command("list")
  .description("show what keys there are, what they may do, and when they were used last")
  .option("--json", "one key per line")
  .option(...ofStage)
  .option(...inTable)
  .action(
    explained(async ({ stage, table, json }) => {
      const { withKeys } = await import("./key-store.ts");
      const { listKeys } = await import("./keys.ts");
      await withKeys({ stage, table, dataDir }, (found) => listKeys(found.keys, { json }));
    }),
  );

keys
  .command("revoke")
  .description("have a key stop working, within a minute")
  .argument("<id>", "of the key, key_…")
  .option(...ofStage)
  .option(...inTable)
  .action(
    explained(async (id, { stage, table }) => {
      const { withKeys } = await import("./key-store.ts");
      const { revokeKey } = await import("./keys.ts");
      await withKeys({ stage, table, dataDir }, (found) => revokeKey(id, found.keys));
    }),
  );

await program.parseAsync();
