/** Records the microphone until stop is called; resolves with the clip. Rejects when the browser gives no microphone. */
export interface Clip {
  data: Uint8Array
  mime: string
}

export async function record(): Promise<{ stop: () => Promise<Clip> }> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true } })
  const recorder = new MediaRecorder(stream, { audioBitsPerSecond: 24_000 })
  const parts: Blob[] = []
  recorder.ondataavailable = (event) => parts.push(event.data)
  recorder.start()
  return {
    stop: () =>
      new Promise((resolve) => {
        recorder.onstop = async () => {
          stream.getTracks().forEach((track) => track.stop())
          const blob = new Blob(parts, { type: recorder.mimeType })
          resolve({ data: new Uint8Array(await blob.arrayBuffer()), mime: blob.type || 'audio/webm' })
        }
        recorder.stop()
      }),
  }
}
