/** Buttons and lists, and what they become where a channel does not have them: each other, or numbered text. */
import type { Content } from "./content.ts";
import { isWithin } from "./fit-limits.ts";
import { asText, withBody } from "./fit-text.ts";
import { type Carries, changed, type Fitted, notCarried, type Of } from "./fitted.ts";
import { numbered, optionsOf } from "./options.ts";

export function lessThanButtons(content: Of<"buttons">, carries: Carries): Fitted {
  const list: Content = {
    type: "list",
    text: content.text,
    button: LIST_BUTTON,
    sections: [{ rows: content.buttons }],
  };
  if (isWithin(list, carries.list)) {
    return changed(withBody(list, carries), { code: "as_list", text: "The buttons go out as a list." });
  }
  return asNumberedText(content, carries);
}

export function lessThanList(content: Of<"list">, carries: Carries): Fitted {
  const rows = content.sections.flatMap((section) => section.rows);
  const buttons: Content = {
    type: "buttons",
    text: content.text,
    buttons: rows.map(({ id, title }) => ({ id, title })),
  };
  const isPlain = rows.length > 0 && rows.every(({ description }) => description === undefined);
  const isOneSection = content.sections.every(({ title }) => title === undefined);
  if (isPlain && isOneSection && isWithin(buttons, carries.buttons)) {
    return changed(withBody(buttons, carries), { code: "as_buttons", text: "The list goes out as buttons." });
  }
  return asNumberedText(content, carries);
}

/** A word that most languages of our customers share; it opens a list that was asked for as buttons. */
const LIST_BUTTON = "Menu";

function asNumberedText(content: Of<"buttons" | "list">, carries: Carries): Fitted {
  if (optionsOf(content).length === 0) return notCarried(content.type);
  const words = "The options go out as numbered text; the customer answers with a number.";
  return asText(numbered(content), words, carries, "numbered");
}
