// Signs by NCALayer, the national CA's program on the visitor's own computer.
//
// <form data-sign="cms" data-ncalayer="wss://127.0.0.1:13579/" data-content="base64 of what is signed"
//       data-source="/where/it/is"  in place of data-content: what is signed is fetched from there, byte by byte
//       data-attached="true|false"  the content goes into the signature, or not
//       data-chain="any|production" keys of any CA, or of the national one alone
//       data-oids="1.3.6…"          what the certificate must be for, separated by spaces; may be absent, as may
//       data-stamp="true" data-iin data-bin data-locale="ru|kk|en">
//   <button type="button" data-sign-button hidden>, <button type="button" data-sign-cancel hidden>,
//   <input type="hidden" name="signature">, and in an element with role="status" all that is ever said:
//   <p data-sign-say="waiting|slow|not-started|blocked|cancelled|wrong-key|failed" hidden>, where <span data-sign-code>
//   takes the code that NCALayer gave.
//
// The script has no texts of its own. Without it the page's other ways remain, so what needs it is hidden until it runs.
"use strict";

(() => {
  // NCALayer is silent while a person looks for the key, so silence is no fault; after this long the page says so.
  const SLOW_AFTER_MS = 20000;

  // Codes by which NCALayer says that the chosen key is the trouble; others mean that it and the page do not agree.
  const KEY_CODES = ["SIGNING_FAILURE"];

  const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

  function request({ content, attached, chain, oids = "", stamp, iin, bin, locale }) {
    const signingParams = { decode: true, encapsulate: attached === "true", digested: false };
    if (stamp === "true") signingParams.tsaProfile = {};
    const signerParams = { extKeyUsageOids: oids.split(/\s+/).filter(Boolean) };
    // An empty list admits every CA; without a list NCALayer offers keys of the national CA alone.
    if (chain === "any") signerParams.chain = [];
    if (iin) signerParams.iin = iin;
    if (bin) signerParams.bin = bin;
    const args = { format: "cms", data: content, signingParams, signerParams, locale };
    return JSON.stringify({ module: "kz.gov.pki.knca.basics", method: "sign", args });
  }

  function parse(text) {
    try {
      // Of a number or a text a member can be asked for as well, of null it cannot.
      return Object(JSON.parse(text));
    } catch {
      return {};
    }
  }

  // What a message from NCALayer amounts to: a signature, or what is to be said; null if it is no answer.
  function outcome(reply) {
    if (!("status" in reply) && !("success" in reply)) return null;
    if (reply.status !== true) {
      const code = String(reply.code ?? reply.errorCode ?? "");
      return { say: KEY_CODES.includes(code) ? "wrong-key" : "failed", code };
    }
    const result = reply.body?.result;
    // A person who closes NCALayer's window leaves an answer without result.
    if (result === undefined) return { say: "cancelled" };
    // Old versions answer with a text, new ones with a list of texts.
    const [signature] = [].concat(result?.signatures ?? result);
    return typeof signature === "string" && signature.trim() ? { signature } : { say: "failed" };
  }

  // What is signed, as base64: from the page, or from where the page says it is.
  async function contentOf({ content, source }) {
    if (!source) return content;
    const response = await fetch(source, { credentials: "same-origin", redirect: "error" });
    if (!response.ok) throw new Error(String(response.status));
    const bytes = new Uint8Array(await response.arrayBuffer());
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  }

  async function permission(name) {
    try {
      return (await navigator.permissions.query({ name })).state;
    } catch {
      return "unknown to this browser";
    }
  }

  // A refused connection and one that the browser itself held back look the same to a page; the permission tells.
  async function unreachable() {
    const loopback = await permission("loopback-network");
    const isDenied = loopback === "denied" || (await permission("local-network-access")) === "denied";
    // Still to be asked although it was tried: the person closed the question.
    const isBlocked = isDenied || loopback === "prompt";
    // Pages from loopback need no permission.
    return { say: isBlocked && !LOOPBACK.includes(location.hostname) ? "blocked" : "not-started" };
  }

  function ask(data, stopped) {
    return new Promise((resolve) => {
      let socket;
      try {
        socket = new WebSocket(data.ncalayer);
      } catch {
        // The address is wrong, or the browser forbids it on this page.
        return resolve({ say: "failed" });
      }
      // The first outcome counts, later calls change nothing.
      const end = (found) => {
        resolve(found);
        socket.close();
      };
      let isOpen = false;
      let isAsked = false;
      socket.onopen = () => {
        isOpen = true;
      };
      socket.onmessage = ({ data: text }) => {
        const reply = parse(text);
        if (!isAsked) {
          // NCALayer speaks first and says its version.
          if (!reply.result?.version) return;
          isAsked = true;
          socket.send(request(data));
          return;
        }
        const found = outcome(reply);
        if (found) end(found);
      };
      socket.onclose = () => resolve(isOpen ? { say: "failed" } : unreachable());
      stopped.addEventListener("abort", () => end({ say: "cancelled" }));
    });
  }

  function enhance(form) {
    const button = form.querySelector("[data-sign-button]");
    const cancel = form.querySelector("[data-sign-cancel]");
    const field = form.elements.namedItem("signature");
    if (!button || !field) return;

    function say(what, code = "") {
      for (const place of form.querySelectorAll("[data-sign-code]")) {
        place.textContent = /^[A-Z_]{1,40}$/.test(code) ? code : "";
      }
      for (const text of form.querySelectorAll("[data-sign-say]")) text.hidden = text.dataset.signSay !== what;
    }

    function rest() {
      button.disabled = false;
      if (cancel) cancel.hidden = true;
    }

    async function sign() {
      // A disabled button gets no clicks, so there is one request at a time.
      if (!form.reportValidity()) return;
      button.disabled = true;
      field.value = "";
      say("waiting");
      const stop = new AbortController();
      if (cancel) cancel.onclick = () => stop.abort();
      const slow = setTimeout(() => {
        say("slow");
        if (cancel) cancel.hidden = false;
      }, SLOW_AFTER_MS);
      const found = await contentOf(form.dataset).then(
        (content) => ask({ ...form.dataset, content }, stop.signal),
        () => ({ say: "failed" }),
      );
      clearTimeout(slow);
      if (found.signature) {
        if (cancel) cancel.hidden = true;
        field.value = found.signature;
        form.requestSubmit();
        return;
      }
      rest();
      say(found.say, found.code);
      // A disabled or hidden button loses the focus, and the keyboard its place in the page.
      if (document.activeElement === document.body) button.focus();
    }

    button.addEventListener("click", sign);
    // A page that comes back from the browser's memory is as it was left: waiting.
    addEventListener("pageshow", ({ persisted }) => {
      if (!persisted) return;
      field.value = "";
      rest();
      say("");
    });
    button.hidden = false;
  }

  for (const form of document.querySelectorAll('form[data-sign="cms"]')) enhance(form);
})();
