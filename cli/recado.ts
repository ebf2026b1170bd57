#!/usr/bin/env node
/** The `recado` command: one line per subcommand, each loaded only when it is called. */
import { program } from "commander";
import { explained } from "./failure.ts";
import { seconds } from "./options.ts";

const apiUrl = process.env.RECADO_API_URL ?? `http://localhost:${process.env.PORT ?? "3000"}`;
const apiKey = process.env.RECADO_API_KEY ?? "local-api-key";

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
  .option("--key <key>", "API key", apiKey)
  .action(
    explained(async (account, text, options) => (await import("./simulate.ts")).simulate(account, text, options)),
  );

program
  .command("tail")
  .description("follow the events of all conversations, or of one")
  .option("--conversation <id>", "only this conversation, from its first event on")
  .option("--type <type>", "only events of this type, e.g. message.received")
  .option("--json", "one envelope per line, as in a pipe")
  .option("--url <url>", "where Recado runs", apiUrl)
  .option("--key <key>", "API key", apiKey)
  .action(explained(async (options) => (await import("./tail.ts")).tail(options)));

program
  .command("verify")
  .description("prove the logs: every number there, every key once, nothing changed by hand, every consumer at the end")
  .argument("[conversation]", "only this conversation")
  .option("--table <name>", "the table of a deployed stack (output TableName), read with your AWS credentials")
  .option("--bucket <name>", "its bucket (output BucketName)")
  .action(
    explained(async (conversation, { table, bucket }) => {
      const { storeProof } = await import("./store.ts");
      const { verify } = await import("./verify.ts");
      await verify(conversation, storeProof({ table, bucket, dataDir: process.env.RECADO_DATA_DIR ?? ".recado" }));
    }),
  );

program
  .command("reconcile")
  .description("ask the providers now for what their webhooks did not tell")
  .argument("[account]", "only this account")
  .option("--stage <stage>", "of a deployed stack: shows how to have it done there")
  .option("--url <url>", "where the local run is", apiUrl)
  .action(explained(async (account, options) => (await import("./reconcile.ts")).reconcile(account, options)));

await program.parseAsync();
