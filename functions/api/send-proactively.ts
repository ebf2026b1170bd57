/** A message that the business begins: for the first of those it names who may get it. */
import { type PlanAnswer, ProactiveMessage, SendQuery } from "../../shared/domain/api-shapes.ts";
import { type PassedOver, prepare, type Wanted } from "../../shared/sending/prepare.ts";
import type { Place } from "../../shared/sending/recipient.ts";
import { accept, onceOf, repeated } from "./accept.ts";
import { PublicError } from "./problem.ts";
import { readBody, readQuery } from "./request.ts";
import { type Answer, type Call, json, type Ports } from "./route.ts";
import { madeNow, sendAtIn, sendingPorts, shownPlan } from "./send.ts";
import { withStoredFiles } from "./stored-files.ts";

export async function sendProactively(call: Call): Promise<Answer> {
  const { request, ports } = call;
  const isDryRun = readQuery(request, SendQuery).dryRun === "true";
  const asked = readBody(request, ProactiveMessage);
  const once = onceOf(call, ["messages", asked], isDryRun);
  const earlier = await repeated(once, ports);
  if (earlier) return earlier;

  const recipients = Array.isArray(asked.to) ? asked.to : [asked.to];
  const wanted = await wantedOf(asked, ports);
  const prepared = await prepare(recipients, wanted, madeNow(once?.name, ports), await sendingPorts(ports));
  const { passedOver } = prepared;
  if (isDryRun && prepared.plan) {
    const isReady = prepared.kind === "ready";
    const answer: PlanAnswer = {
      plan: shownPlan(prepared.plan),
      ...(isReady && { to: shownPlace(prepared.place, { isNew: prepared.isNew }) }),
      ...(passedOver.length > 0 && { passedOver: passedOver.map(shownPassedOver) }),
    };
    return json(200, answer);
  }
  if (prepared.kind === "ready") return accept(prepared, once, ports);
  throw new PublicError(prepared.code, nobody(passedOver), { field: "to" });
}

async function wantedOf(asked: ProactiveMessage, ports: Ports): Promise<Wanted> {
  const { content, template, author, topic } = asked;
  return {
    ...(content && { content: await withStoredFiles(content, ports) }),
    template,
    author,
    sendAt: sendAtIn(asked, ports),
    ...(topic !== undefined && { topic }),
  };
}

/** Whom it could not go to, by their place in the list, and why. */
function nobody(passedOver: readonly PassedOver[]): string {
  if (passedOver.length === 1) return whyNot(passedOver[0]);
  return passedOver.map((one, index) => `${index + 1}. ${whereOf(one)}: ${whyNot(one)}`).join(" ");
}

function whyNot(refused: PassedOver | undefined): string {
  return (refused?.reasons ?? []).map(({ text }) => text).join(" ");
}

/** What the caller wrote may be anything, and is not repeated. */
function whereOf({ place }: PassedOver): string {
  return place ? `On ${place.account}` : "Nowhere";
}

function shownPassedOver({ to, place, reasons }: PassedOver): NonNullable<PlanAnswer["passedOver"]>[number] {
  return { to, ...(place && { account: place.account, channel: place.channel }), reasons };
}

function shownPlace({ account, channel, conversation }: Place, { isNew }: { isNew: boolean }): PlanAnswer["to"] {
  return { account, channel, ...(!isNew && { conversation }) };
}
