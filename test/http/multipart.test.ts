import { expect, it } from "vitest";
import { multipart } from "../../shared/http/multipart.ts";

it("is what others read: texts, and files under any name", async () => {
  const bytes = new Uint8Array([0, 13, 10, 45, 45, 255]);
  const fileName = 'a "b"\r\nX-Evil: 1.pdf';
  const { contentType, body } = multipart([
    { name: "words", value: "Olá\n--" },
    { name: "file", fileName, contentType: "application/pdf", bytes },
  ]);
  expect(Buffer.from(body).toString("latin1")).not.toContain("\r\nX-Evil");
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": contentType } }).formData();
  const file = form.get("file");
  if (!(file instanceof File)) throw new Error("no file");
  expect(file.name).toBe(fileName);
  expect(file.type).toBe("application/pdf");
  expect(new Uint8Array(await file.arrayBuffer())).toEqual(bytes);
  expect([...form.keys()]).toEqual(["words", "file"]);
});
