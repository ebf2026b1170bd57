import { type ApiContact, NoQuery } from "../../shared/domain/api-shapes.ts";
import { iso } from "../../shared/domain/envelope.ts";
import { PublicError } from "./problem.ts";
import { readQuery } from "./request.ts";
import { type Answer, type Call, json } from "./route.ts";

export async function showContact({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const known = /^con_[A-Za-z0-9_-]{22}$/.test(name) ? await ports.table.contact(name) : undefined;
  if (!known) throw new PublicError("not_found", "There is no contact with this id.");
  const { conversations, consents, ...contact } = known;
  const places = conversations.map(({ conversation: id, ...place }) => ({ id, ...place }));
  const answer: ApiContact = {
    ...contact,
    conversations: places,
    ...(consents && { consents: consents.map((consent) => ({ ...consent, at: iso(consent.at) })) }),
  };
  return json(200, answer);
}
