/** Two short tones, made here: no file to fetch. Browsers stay silent until the page was clicked or typed in once. */
let context: AudioContext | null = null;

/** To be called from a click or key press. */
export function armSound(): void {
  context ??= new AudioContext();
  void context.resume();
}

export function ring(): void {
  if (context === null || context.state !== "running") return;
  [0, 0.22].forEach((after, at) => tone(context!, context!.currentTime + after, at === 0 ? 660 : 880));
}

function tone(audio: AudioContext, start: number, pitch: number): void {
  const oscillator = audio.createOscillator();
  const loudness = audio.createGain();
  oscillator.frequency.value = pitch;
  loudness.gain.setValueAtTime(0.0001, start);
  loudness.gain.exponentialRampToValueAtTime(0.25, start + 0.02);
  loudness.gain.exponentialRampToValueAtTime(0.0001, start + 0.2);
  oscillator.connect(loudness).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + 0.22);
}
