// The window as a person uses it: by palette, clicks and typing.
import path from "node:path";

import { PICTURES } from "./editor.mjs";
import { look, until } from "./expect.mjs";

const EXTENSION = "milepost.milepost";
const SLOW_MS = 60_000;

export class Workbench {
  constructor(page, editor) {
    this.page = page;
    this.editor = editor;
  }

  /** Open the scenario's folder in a new page of the browser: a new window. */
  static async open(browser, editor, { folder = editor.folder, dark = false, size = { width: 1440, height: 900 } } = {}) {
    const context = await browser.newContext({ viewport: size, reducedMotion: "reduce", colorScheme: dark ? "dark" : "light" });
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: editor.address });
    const workbench = new Workbench(await context.newPage(), editor);
    workbench.page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) {
        editor.refused.push(message.text());
      }
    });
    await workbench.show(folder);
    return workbench;
  }

  async show(folder) {
    const query = new URLSearchParams({ folder });
    await this.page.goto(`${this.editor.address}/?${query}`, { waitUntil: "domcontentloaded", timeout: SLOW_MS });
    await this.page.waitForSelector(".monaco-workbench .part.statusbar .statusbar-item", { timeout: SLOW_MS });
  }

  /** The window once more, by its own command: it keeps what is open, where a browser's reload may lose that. */
  async reload() {
    await this.page.evaluate(() => (window.isTheOldPage = true));
    await this.palette("Developer: Reload Window");
    const renewed = () => this.page.evaluate(() => !window.isTheOldPage && document.querySelector(".statusbar-item") !== null);
    await until(renewed, Boolean, "the window is loaded again");
  }

  async close() {
    await this.page.context().close();
  }

  async picture(what) {
    this.editor.pictures += 1;
    const name = `${this.editor.name}-${String(this.editor.pictures).padStart(2, "0")}-${what}.png`;
    await this.page.screenshot({ path: path.join(PICTURES, name) }).catch(() => {});
  }

  // --- palette and dialogs ---

  /** What was asked for before may still take the focus, and the palette goes with it: then it is opened once more. */
  async palette(title) {
    const timeout = 5000;
    const chosen = async () => {
      await this.page.keyboard.press("F1");
      await this.quickInput().fill(`>${title}`, { timeout });
      await this.row(title).click({ timeout }).catch((error) => this.page.keyboard.press("Escape").then(() => Promise.reject(error)));
      return true;
    };
    const { held, seen } = await look(chosen, (done) => done === true);
    if (!held) {
      throw new Error(`the palette does not offer ${title}: ${seen}`);
    }
  }

  quickInput() {
    return this.page.locator(".quick-input-widget:visible .quick-input-box input");
  }

  row(text) {
    return this.page.locator(".quick-input-widget:visible .quick-input-list .monaco-list-row", { hasText: text }).first();
  }

  rows() {
    return this.page.locator(".quick-input-widget:visible .quick-input-list .monaco-list-row").allTextContents();
  }

  /** Everything that the quick input says: title, prompt, message. */
  quickText() {
    return this.page.locator(".quick-input-widget:visible").innerText();
  }

  async choose(text) {
    await this.row(text).click({ timeout: SLOW_MS });
  }

  /** Type into the box that asks for this, and press Enter. */
  async answer(asked, words) {
    await until(() => this.quickText(), (text) => text.includes(asked), `asked: ${asked}`);
    await this.quickInput().fill(words);
    await this.page.keyboard.press("Enter");
  }

  dialog() {
    return this.page.locator(".monaco-dialog-box");
  }

  async press(button) {
    await this.dialog().locator(".monaco-button", { hasText: button }).first().click({ timeout: SLOW_MS });
  }

  notifications() {
    return this.page.locator(".notifications-toasts .notification-list-item-message").allTextContents();
  }

  async pressInNotification(text, button) {
    const toast = this.page.locator(".notification-toast", { hasText: text }).first();
    await toast.locator(".monaco-button", { hasText: button }).first().click({ timeout: SLOW_MS });
  }

  async clearNotifications() {
    await this.palette("Notifications: Clear All Notifications");
  }

  // --- our own places ---

  status() {
    return this.page.locator(`.statusbar-item[id="${EXTENSION}.status"]`);
  }

  statusText() {
    return this.status().innerText({ timeout: 2000 }).then((text) => text.replace(/\s+/g, " ").trim());
  }

  warns() {
    return this.status().evaluate((element) => element.classList.contains("warning-kind"), undefined, { timeout: 2000 });
  }

  /** What the server answered to orders, while the status bar shows it. */
  answers() {
    return this.page.locator(".statusbar-item").allInnerTexts();
  }

  async openView() {
    const icon = this.page.locator('.activitybar a.action-label[aria-label^="Milepost"]');
    const opened = async () => (await this.pane().isVisible()) || icon.click({ timeout: 5000 }).then(() => false);
    const { held, seen } = await look(opened, (there) => there === true);
    if (!held) {
      throw new Error(`the view cannot be opened: ${seen}`);
    }
  }

  pane() {
    return this.page.locator('.pane:has(.pane-header[aria-label^="Missions"])');
  }

  treeRows() {
    const parts = ".label-name, .label-description";
    return this.pane().locator(".monaco-list-row").evaluateAll(
      (rows, wanted) => rows.map((row) => [...row.querySelectorAll(wanted)].map((part) => part.textContent).join(" ")), parts,
    );
  }

  treeRow(text) {
    return this.pane().locator(".monaco-list-row", { hasText: text }).first();
  }

  /** Unfold a row; a click on its text would open what it stands for. */
  async unfold(row) {
    await this.treeRow(row).locator(".monaco-tl-twistie").click({ timeout: SLOW_MS });
  }

  /** Run an inline action of a row. */
  async act(row, action) {
    await this.treeRow(row).hover();
    await this.treeRow(row).locator(`.action-label[aria-label^="${action}"]`).first().click({ timeout: SLOW_MS });
  }

  control() {
    return this.page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
  }

  controlText() {
    return this.control().locator("#screen").innerText({ timeout: 2000 });
  }

  // --- editors ---

  tabs() {
    return this.page.locator(".tabs-container .tab").evaluateAll((tabs) => tabs.map((tab) => `${tab.dataset.resourceName} ${tab.innerText}`));
  }

  lines() {
    return this.page.locator(".editor-instance .view-line").allTextContents().then((lines) => lines.map((line) => line.replaceAll("\u00a0", " ")));
  }

  /** What the output panel shows. */
  output() {
    return this.page.locator(".part.panel .view-line").allTextContents().then((lines) => lines.map((line) => line.replaceAll("\u00a0", " ")));
  }

  lenses() {
    return this.page.locator(".codelens-decoration").allTextContents();
  }

  problems() {
    return this.page.locator(".markers-panel .monaco-list-row").allTextContents();
  }

  /** Put the cursor into the line that has this text, near its beginning. */
  async clickLine(text) {
    const line = this.page.locator(".editor-instance .view-line", { hasText: text }).first();
    await line.click({ position: { x: 40, y: 8 }, timeout: SLOW_MS });
    await until(() => this.page.locator(".editor-instance .monaco-editor.focused").count(), (count) => count > 0, `the cursor is in: ${text}`);
  }

  async hoverText() {
    return this.page.locator(".monaco-hover:visible").innerText({ timeout: 2000 });
  }

  async closeEditors() {
    await this.palette("View: Close All Editors");
  }
}
