// Reads QR codes from the camera and sends the form beside it, exactly as if the code had been typed.
const LONGEST_SIDE = 480;
const PAUSE_MS = 120;

class Scanner {
  constructor(element) {
    this.element = element;
    this.form = document.getElementById(element.dataset.scanner);
    this.video = element.querySelector("video");
    this.status = element.querySelector("[data-scanner-status]");
    this.again = element.querySelector("[data-scanner-start]");
    this.canvas = document.createElement("canvas");
    this.worker = new Worker(element.dataset.worker);
    this.worker.addEventListener("message", ({ data }) => this.answer(data));
    this.again.addEventListener("click", () => this.start());
    document.addEventListener("htmx:after:swap", () => this.clear());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.stop(); });
  }

  /** A code that was answered makes room for the next one. */
  clear() {
    if (document.querySelector("[data-tone]")) this.form.elements.code.value = "";
  }

  async start() {
    try {
      const wanted = { video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false };
      this.video.srcObject = await navigator.mediaDevices.getUserMedia(wanted);
      await this.video.play();
    } catch {
      this.status.textContent = this.status.dataset.refused;
      this.element.dataset.camera = "off";
      this.again.hidden = false;
      return;
    }
    this.status.textContent = this.status.dataset.ready;
    this.element.dataset.camera = "on";
    this.again.hidden = true;
    this.running = true;
    this.look();
  }

  stop() {
    this.running = false;
    this.video.srcObject?.getTracks().forEach((track) => track.stop());
    this.video.srcObject = null;
    this.again.hidden = false;
  }

  /** Sends the middle square of the picture to the worker. */
  look() {
    if (!this.running) return;
    const { videoWidth, videoHeight } = this.video;
    const side = Math.min(videoWidth, videoHeight);
    const size = Math.min(side, LONGEST_SIDE);
    if (!size) return setTimeout(() => this.look(), PAUSE_MS);
    this.canvas.width = this.canvas.height = size;
    const brush = this.canvas.getContext("2d", { willReadFrequently: true });
    brush.drawImage(this.video, (videoWidth - side) / 2, (videoHeight - side) / 2, side, side, 0, 0, size, size);
    this.worker.postMessage({ id: 1, type: "decode", data: brush.getImageData(0, 0, size, size) });
  }

  answer({ type, data }) {
    if (type !== "qrResult" || !this.running) return;
    if (!data) return void setTimeout(() => this.look(), PAUSE_MS);
    this.stop();
    this.form.elements.code.value = data;
    this.form.requestSubmit();
  }
}

for (const element of document.querySelectorAll("[data-scanner]")) new Scanner(element).start();
