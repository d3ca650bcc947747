//! Every end-to-end test: one property a file, the file's name says which.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests too: what fails here is a failed test")]

// The harness itself and what is shipped beside the programs; these need no daemon.
mod a_kryoptic_key_locks_at_the_tenth_wrong_pin;
mod bus_policy_lets_only_the_daemon_own_the_name_and_call_agents;
mod each_test_has_a_machine_of_its_own;
mod lab_bench;
mod lab_calls_go_wrong_on_demand;
mod lab_keys_are_plugged_in_and_out;
mod lab_pins_are_counted_for_every_process;
mod lab_serves_the_daemon_too;
mod memory_search_and_captures_find_what_is_there;
mod polkit_actions_follow_seat_and_group;
mod scripted_pinentry_speaks_assuan;
mod test_key_signs_and_the_spy_counts;

// Signing.
mod a_large_file_is_signed_in_constant_memory;
mod every_algorithm_makes_signatures_that_openssl_accepts;
mod messages_are_signed_and_verified;
mod one_consent_signs_many;
mod sm2_keys_of_every_family_sign;
mod the_key_gives_random_bytes;
mod twenty_callers_at_once_all_get_right_signatures;

// PINs, logins, dialogs.
mod a_dialog_ends_with_those_who_need_it;
mod a_key_that_was_unlocked_elsewhere_works_again;
mod a_login_belongs_to_one_user;
mod a_lost_answer_to_a_pin_is_one_call;
mod a_pin_is_changed_by_who_knows_it;
mod a_pin_that_nobody_waits_for_is_not_tried;
mod a_pin_typed_on_the_key_is_asked_nowhere_else;
mod a_released_key_is_free_for_other_programs;
mod a_technician_unlocks_a_locked_key;
mod always_authenticate_keys_ask_for_each_signature;
mod an_unlock_that_breaks_off_is_counted;
mod keys_without_a_working_so_are_named;
mod many_callers_use_one_entry;
mod no_pin_on_the_bus_in_files_or_in_memory;
mod the_dialog_says_who_asks_for_what;
mod the_tenth_wrong_pin_waits_for_a_confirmation;
mod tries_are_counted_for_every_kind_of_key;
mod wrong_entries_are_remembered_across_restarts;
mod wrong_pin_uses_exactly_one_try;

// Who may.
mod strangers_get_nothing_from_agents;
mod who_may_not_is_refused;

// What goes wrong.
mod a_dead_module_harms_only_itself;
mod a_key_is_itself_wherever_it_is_plugged_in;
mod a_key_pulled_out_in_use_says_so;
mod a_killed_daemon_leaves_nothing_and_uses_no_try;
mod a_module_that_fails_delays_nobody_else;
mod a_module_that_keeps_crashing_is_left_alone;
mod a_reload_touches_only_what_changed;
mod a_removed_key_says_so_and_comes_back;
mod a_short_soak_leaks_nothing;
mod a_wrong_signature_never_leaves;
mod bad_arguments_have_named_errors;
mod bad_descriptors_have_named_errors;
mod garbage_from_a_module_stays_there;
mod installation_mistakes_are_named;
mod keys_come_and_go_however_their_module_tells;
mod what_a_module_forks_ends_with_it;

// The contract with other programs.
mod a_key_that_cannot_be_opened_is_not_tried;
mod a_try_that_a_removal_interrupts_counts;
mod programs_in_other_languages_sign;
mod signatures_and_logins_are_recorded;
mod stale_flags_are_not_believed;
mod state_changes_are_announced;
mod the_xml_and_the_running_daemon_say_the_same;
mod ukeyctl_does_it_all_and_tells_by_exit_code;
mod ukeyctl_gives_certificates_and_what_platforms_ask_for;
mod ukeyctl_makes_and_checks_messages;
mod ukeyctl_signs_batches;
mod ukeyctl_works_with_sm2_keys;
