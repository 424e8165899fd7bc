/** Socket.IO's rooms: everyone in a channel, and those who may see its studio's news. */
export const channelRoom = (channelId: string) => `channel:${channelId}`;
export const studioRoom = (channelId: string) => `studio:${channelId}`;
