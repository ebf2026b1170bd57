/** Users of the API: found by whoever made them, made, changed. */
import { randomUUID } from "node:crypto";
import { type Answer, type Incoming, parseJson } from "../http.ts";
import { ok } from "../simulator.ts";
import type { DeskContact, DeskStore } from "../ticket-desk.ts";
import { ChangedUser, checked, NewUser, noRoute, noUser, refusal } from "./answers.ts";

/** @param id and what of it, as they follow `/users/` */
export function createUsers(store: DeskStore) {
  function users({ method, query, body }: Incoming, id: string | undefined, what: string | undefined): Answer {
    const json = parseJson(body);
    if (id === undefined) {
      if (method === "POST") return checked(NewUser, json, makeUser);
      const reference = query.get("reference_id");
      if (method !== "GET" || reference === null) return refusal(400, "BAD_REQUEST", "one of the filters is needed");
      const found = [...store.contacts.values()].filter((one) => one.externalId === reference);
      return ok({ users: found.map(userJson), pagination: { total_items: found.length, current_page: 1 } });
    }
    const user = store.contacts.get(id);
    if (!user) return noUser;
    if (method === "GET" && what === "conversations") {
      const theirs = [...store.tickets.values()].filter(({ contact }) => contact === id);
      return ok({ conversations: theirs.map((one) => ({ id: one.id })) });
    }
    if (what !== undefined) return noRoute;
    if (method === "GET") return ok(userJson(user));
    if (method !== "PUT") return noRoute;
    return checked(ChangedUser, json, ({ phone, ...change }) => {
      const { first_name: first, last_name: last } = { ...namesOf(user), ...change };
      user.name = [first, last].filter(Boolean).join(" ");
      if (phone !== undefined) user.phone = phone;
      return ok(userJson(user));
    });
  }

  function makeUser({ reference_id: externalId, first_name: first, last_name: last, phone, email }: NewUser): Answer {
    const isKnown = [...store.contacts.values()].some(
      (one) => externalId !== undefined && one.externalId === externalId,
    );
    if (isKnown) return refusal(409, "CONFLICT", "a user with this reference_id exists");
    const name = [first, last].filter(Boolean).join(" ");
    const user = store.addContact({
      id: randomUUID(),
      ...(externalId !== undefined && { externalId }),
      ...(name !== "" && { name }),
      ...(phone !== undefined && { phone }),
      fields: email === undefined ? {} : { email },
    });
    return { status: 201, body: userJson(user) };
  }

  return users;
}

function userJson(user: DeskContact) {
  const { id, externalId, phone } = user;
  return {
    ...{ id, reference_id: externalId ?? null, ...namesOf(user), properties: [] },
    ...(phone !== undefined && { phone }),
  };
}

function namesOf({ name = "" }: DeskContact) {
  const [first = "", ...others] = name.split(" ");
  return { first_name: first, last_name: others.join(" ") };
}
