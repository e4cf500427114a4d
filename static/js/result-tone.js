// Each scan answer has its own sound and buzz, so that eyes can stay on the guest.
const TONES = {
  yes: { notes: [[660, 0.12], [880, 0.22]], wave: "sine", buzz: [120] },
  no: { notes: [[220, 0.25], [160, 0.4]], wave: "square", buzz: [300, 100, 300] },
  wait: { notes: [[440, 0.15], [440, 0.15]], wave: "triangle", buzz: [80, 80, 80] },
  late: { notes: [[440, 0.18], [330, 0.18], [247, 0.3]], wave: "triangle", buzz: [250] },
  elsewhere: { notes: [[392, 0.15], [523, 0.15], [392, 0.25]], wave: "triangle", buzz: [80, 80, 250] },
  unsure: { notes: [[330, 0.1], [415, 0.1], [330, 0.1], [415, 0.1]], wave: "sine", buzz: [60, 60, 60, 60, 60] },
};
let audio;

function playTone(name) {
  const tone = TONES[name];
  if (!tone || !navigator.userActivation?.hasBeenActive) return; // sound stays off until the first touch
  navigator.vibrate?.(tone.buzz);
  audio ??= new AudioContext();
  let start = audio.currentTime + 0.02;
  for (const [pitch, length] of tone.notes) {
    const source = audio.createOscillator();
    const loudness = audio.createGain();
    source.type = tone.wave;
    source.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.2, start);
    loudness.gain.exponentialRampToValueAtTime(0.001, start + length);
    source.connect(loudness).connect(audio.destination);
    source.start(start);
    source.stop(start + length);
    start += length + 0.04;
  }
}

function soundResult() {
  const result = document.querySelector("[data-tone]:not([data-sounded])");
  if (!result) return;
  result.dataset.sounded = "";
  playTone(result.dataset.tone);
}

document.addEventListener("htmx:after:swap", soundResult);
soundResult();
