-- Answers that were asked to be sent to a customer's own server, kept for thirty days. Each sending
-- is a job; what comes of it is an attempt.
create table delivery (
    delivery_id bigint generated always as identity (start with 1) primary key,
    account_id bigint not null references account (account_id),   -- who asked
    root_id bigint not null references account (account_id),
    dialect text not null,                      -- whose words the answer is in
    url text not null,                          -- without its fragment
    method text not null,
    connect_timeout bigint not null,
    read_timeout bigint not null,
    total_timeout bigint not null,
    retries bigint not null,
    retry_on bigint not null,                   -- bits: 1 4xx, 2 5xx, 4 connecting, 8 reading, 16 others
    status bigint not null,                     -- of the answer
    answer text not null,                       -- its body, a JSON object
    state text not null,                        -- pending, delivered, failed
    attempts bigint not null,
    tries_left bigint not null,
    created bigint not null
);
create index delivery_root on delivery (root_id, delivery_id);
create index delivery_subaccount on delivery (account_id, delivery_id);
create index delivery_created on delivery (created);

create table delivery_attempt (
    delivery_id bigint not null,
    attempt bigint not null,                    -- 1 is the first
    started bigint not null,
    duration bigint not null,
    status bigint,                              -- what the server answered
    error text,                                 -- or why it did not
    primary key (delivery_id, attempt)
);
