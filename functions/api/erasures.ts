/** Erasures: one is asked for, and shown until its receipt is there. */
import { NoQuery } from "../../shared/domain/api-shapes.ts";
import { iso } from "../../shared/domain/envelope.ts";
import { type Erasure, erasureOf, newErasure } from "../../shared/domain/erasure.ts";
import type { ErasureAnswer } from "../../shared/domain/erasure-shapes.ts";
import type { Contact } from "../../shared/ports.ts";
import { refuseMerged } from "./contacts.ts";
import { PublicError } from "./problem.ts";
import { readQuery } from "./request.ts";
import { type Answer, type Call, json, type Ports } from "./route.ts";

type Receipt = NonNullable<ErasureAnswer["erasure"]["receipt"]>;

const CONTACT = /^con_[A-Za-z0-9_-]{22}$/;
const DAY_MS = 86_400_000;
/** How long what AWS or a queue keeps by itself is kept at most. */
const KEPT_DAYS = { backups: 35, queues: 14, idempotencyKeys: 7 };

/**
 * 202 with the erasure, which is the one that is under way if there is one; 200 with the last one where nothing came to
 * be known of the contact since. A whole person is erased by their own id alone, and not by that of a part, which may
 * have been merged by mistake.
 * @throws PublicError `contact_merged`, `not_found`
 */
export async function eraseContact({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  if (!CONTACT.test(name)) throw notFound("There is no contact with this id.");
  const contact = await ports.table.contact(name);
  if (contact) refuseMerged(contact);
  const last = await ports.erasures.newestErasure(name);
  if (last?.step === "done" && !isKnown(contact)) return json(200, answer(last));
  if (!last && !contact) throw notFound("There is no contact with this id.");
  const erasure = last && last.step !== "done" ? last : await begin(name, last, ports);
  await ports.erasureBells.ringErasure(erasure);
  return json(202, answer(erasure));
}

export async function showErasure({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const erasure = await ports.erasures.erasure(name);
  if (!erasure) throw notFound("There is no erasure with this id.");
  return json(200, answer(erasure));
}

/** Of two who ask at once, one begins it, and both are told of that one. */
async function begin(contact: string, last: Erasure | undefined, { erasures, clock }: Ports): Promise<Erasure> {
  const number = (last && erasureOf(last.id)?.number) ?? 0;
  const erasure = newErasure(contact, number + 1, clock.now());
  if (await erasures.putErasure(erasure)) return erasure;
  return (await erasures.newestErasure(contact)) ?? erasure;
}

/** Of who was erased stays what they want to hear nothing about, and nothing else. */
function isKnown(contact: Contact | undefined): boolean {
  return contact !== undefined && (contact.conversations.length > 0 || contact.name !== undefined);
}

function notFound(detail: string): PublicError {
  return new PublicError("not_found", detail);
}

function answer(erasure: Erasure): ErasureAnswer {
  const { id, contact, step, requestedAt, finishedAt } = erasure;
  return {
    erasure: {
      ...{ id, contact, status: step === "done" ? "done" : "running", requestedAt: iso(requestedAt) },
      ...(finishedAt !== undefined && { finishedAt: iso(finishedAt), receipt: receiptOf(erasure, finishedAt) }),
    },
  };
}

function receiptOf(erasure: Erasure, finishedAt: number): Receipt {
  const { conversations, contacts, entries, answers, places, ...found } = erasure.found;
  return {
    log: { conversations, contacts, entries },
    ...found,
    idempotencyKeys: answers,
    messageIds: places,
    helpdesks: Object.entries(erasure.desks).map(([name, desk]) => ({ name, ...desk })),
    remains: remainsOf(erasure, finishedAt),
  };
}

function remainsOf({ desks, uploads }: Erasure, finishedAt: number): Receipt["remains"] {
  const until = (days: number) => iso(finishedAt + days * DAY_MS);
  const untold = Object.entries(desks).flatMap(([name, { told }]) => (told ? [] : [name]));
  const unheard = untold.length > 0 ? ` Not told, so far: ${untold.join(", ")}; tell its agents yourself.` : "";
  return [
    {
      place: "backups",
      detail:
        "The table can be restored to any moment of the last 35 days, from before the erasure too: erase the contact again after such a restore.",
      until: until(KEPT_DAYS.backups),
    },
    { place: "providers", detail: "What the channel's provider keeps of messages, by its own rules." },
    ...(Object.keys(desks).length > 0
      ? [
          {
            place: "helpdesks" as const,
            detail: `The tickets themselves, which only agents can remove: a note there asks them to.${unheard}`,
          },
        ]
      : []),
    {
      place: "subscribers",
      detail:
        "Copies of those who get events. Every log of the contact told them by contact.erased; Recado keeps ids and times of its deliveries for 30 days, and no content.",
    },
    ...(uploads.length > 0
      ? [
          {
            place: "uploads" as const,
            detail:
              "Files that the business uploaded and sent to the contact. Others may have got the same ones: delete those that are of this person alone, media/<id> in the bucket.",
            ids: uploads,
          },
        ]
      : []),
    {
      place: "opt_outs",
      detail: "What the contact wants to hear nothing about, under ids from which no address can be told.",
    },
    {
      place: "batches",
      detail: "Recipients of batches that are not worked through yet, until they are.",
    },
    {
      place: "queues",
      detail:
        "Work that was given up before it reached the log, in the dead-letter queues of receivers, of fetch-profile and of helpdesks.",
      until: until(KEPT_DAYS.queues),
    },
    {
      place: "idempotency_keys",
      detail: "Answers under an Idempotency-Key to messages that never reached the log.",
      until: until(KEPT_DAYS.idempotencyKeys),
    },
    {
      place: "quarantine",
      detail: "Webhooks that could not be read, and that name the contact by nothing but a name.",
    },
  ];
}
