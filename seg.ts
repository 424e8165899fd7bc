import '/tmp/wt/pipeline/workers/egress/pipeline/native.ts';
const mode = process.argv[2];
if (mode.includes('r')) { await import('@livekit/rtc-node'); console.log('rtc loaded'); }
const av = await import('node-av'); console.log('av loaded');
if (mode.includes('q')) { await import('@livekit/rtc-node'); console.log('rtc loaded'); }
const { AudioEncoder } = await import('/tmp/wt/pipeline/workers/egress/pipeline/encode/audio.ts');
const { Ladder } = await import('/tmp/wt/pipeline/workers/egress/pipeline/encode/ladder.ts');
const { findFont, drawCard } = await import('/tmp/wt/pipeline/workers/egress/pipeline/compose/cards.ts');
const card = {width:1280,height:720,color:'#0b0d10',circle:null,lines:[{text:'x',size:40,centerY:300}]};
const s = () => drawCard(card, findFont());
const l = () => Ladder.open({width:1280,height:720,fps:30,ladder:[{id:'720p',height:720,bitrateKbps:3000}]});
const a = () => AudioEncoder.open(128);
if (mode.includes('p')) await Promise.all([l(), a(), s()]); else { await s(); console.log('s'); await l(); console.log('l'); await a(); console.log('a'); }
console.log('OK', mode);
process.exit(0);
